# One image for server, worker and command line; the role is the command (see docker-compose.yml).
FROM node:26.10.0-bookworm-slim AS base
RUN npm install --global pnpm@12.21.0
WORKDIR /app
COPY package.json pnpm-workspace.yaml pnpm-lock.yaml ./
COPY shared/package.json shared/
COPY server/package.json server/
COPY web/package.json web/
COPY workers/package.json workers/
COPY tests/package.json tests/

FROM base AS pages
RUN pnpm install --frozen-lockfile
COPY tsconfig.base.json ./
COPY shared shared
COPY web web
RUN cd web && node node_modules/vite/bin/vite.js build

FROM base
ENV NODE_ENV=production
RUN pnpm install --frozen-lockfile --prod && mkdir -p /data /keys && chown node:node /data /keys && chmod 700 /data /keys
COPY shared shared
COPY server server
COPY workers workers
COPY --from=pages /app/web/build web/build
USER node
ENV HEARTHLINE_DATA_DIR=/data HEARTHLINE_KEYS_DIR=/keys PORT=3000
EXPOSE 3000
# node itself is the first process, so that SIGTERM reaches it and it can drain
CMD ["node", "server/src/main.ts"]
