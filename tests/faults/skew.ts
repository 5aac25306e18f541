/** Given to a program with `--import`: its own clock is wrong by CLOCK_SKEW_MS, as on a machine without time service. */
const skew = Number(process.env['CLOCK_SKEW_MS'] ?? 0);
const Right = Date;
class Wrong extends Right {
  constructor(...args: [] | [number]) {
    super(...((args.length > 0 ? args : [Right.now() + skew]) as [number])); // all of its parts, where it is given some
  }
  static override now(): number {
    return Right.now() + skew;
  }
}
globalThis.Date = Wrong as DateConstructor;
