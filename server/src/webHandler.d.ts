declare module '@hearthline/web/handler' {
  import type { NextFunction, Request, Response } from 'express';
  export const handler: (req: Request, res: Response, next: NextFunction) => void;
}
