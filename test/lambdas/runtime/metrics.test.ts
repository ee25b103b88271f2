import { SERVICE_NAME } from '../../../lambdas/runtime/blog-metrics.ts';
import { logger } from '../../../lambdas/runtime/logger.ts';
import { writtenLines } from '../measured.ts';

process.env[SERVICE_NAME] = 'Blog-test';

test("a metric is a line of the log in CloudWatch's embedded metric format", async () => {
  // The library reads the environment when it is loaded.
  const { measure } = await import('../../../lambdas/runtime/metrics.ts');
  const { BlogMetric } = await import('../../../lambdas/runtime/blog-metrics.ts');
  logger.setCorrelationId('request');
  measure(BlogMetric.timeToPush, 20, 'The post is pushed.');
  measure(BlogMetric.postsAnnounced, 1, 'The post is announced.', {
    correlation_id: 'post',
    channels: 'all',
  });
  const line = (Name: string, Unit: string) => ({
    _aws: {
      Timestamp: expect.any(Number),
      CloudWatchMetrics: [{ Namespace: 'Blog', Dimensions: [['service']], Metrics: [{ Name, Unit }] }],
    },
    service: 'Blog-test',
    level: 'INFO',
  });
  expect(writtenLines()).toEqual([
    {
      ...line('TimeToPush', 'Milliseconds'),
      message: 'The post is pushed.',
      correlation_id: 'request',
      TimeToPush: 20,
    },
    {
      ...line('PostsAnnounced', 'Count'),
      message: 'The post is announced.',
      correlation_id: 'post',
      channels: 'all',
      PostsAnnounced: 1,
    },
  ]);
});
