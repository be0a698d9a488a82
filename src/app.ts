import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { Logger } from 'nestjs-pino';
import { AppModule, type AppOptions } from './app.module';
import { limitBodies } from './graphql/core/body-limit';
import { originsOfRequests } from './graphql/core/request-origin';
import type { Config } from './config';
import { sendSecurityHeaders } from './security-headers';

/** Longer than load balancers keep an idle connection (60 s is usual): they must be the ones to close it. */
const KEEP_ALIVE_MS = 65_000;

/** The application of one role, not yet listening. `listen` starts its parts and throws what they cannot do without. */
export async function createApp(config: Config, options: AppOptions = {}): Promise<NestExpressApplication> {
  const app = await NestFactory.create<NestExpressApplication>(AppModule.with(config, options), {
    abortOnError: false,
    bodyParser: false,
    bufferLogs: true,
  });
  app.getHttpServer().keepAliveTimeout = KEEP_ALIVE_MS;
  app.useLogger(app.get(Logger));
  app.disable('x-powered-by');
  sendSecurityHeaders(app);
  app.use(originsOfRequests(config));
  limitBodies(app);
  return app;
}
