import { Redis } from 'ioredis';

/**
 * Removes from REDIS_URL's Redis what this demo's queue left there. Others may use the same Redis.
 * @param {string} prefix
 */
export async function forgetQueue(prefix) {
  const url = process.env.REDIS_URL;
  if (!url) return;
  const redis = new Redis(url, { maxRetriesPerRequest: 1, retryStrategy: () => null, lazyConnect: true });
  redis.on('error', () => {});
  try {
    for await (const keys of redis.scanStream({ match: `${prefix}:*`, count: 1_000 })) {
      if (keys.length > 0) await redis.unlink(keys);
    }
  } catch {
    // A Redis that is gone has nothing to tidy up.
  } finally {
    redis.disconnect();
  }
}
