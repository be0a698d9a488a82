import { type MiddlewareConsumer, Module, type NestModule } from '@nestjs/common';
import { TerminusModule } from '@nestjs/terminus';
import { TasksModule } from '../tasks/tasks.module';
import { HealthController } from './health.controller';
import { HttpDurations } from './http-durations.middleware';
import { MetricsController } from './metrics.controller';
import { Metrics } from './metrics.service';

/** What operators look at: health, metrics. Served by every role. */
@Module({
  imports: [TasksModule, TerminusModule.forRoot({ logger: false })],
  controllers: [HealthController, MetricsController],
  providers: [Metrics],
  exports: [Metrics],
})
export class ObservabilityModule implements NestModule {
  configure(consumer: MiddlewareConsumer): void {
    consumer.apply(HttpDurations).forRoutes('{*path}');
  }
}
