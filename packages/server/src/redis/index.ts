export type { IoRedisClient, NodeRedisClient, RedisClient } from './connection.ts'
export { redisEngine, type RedisEngine, type RedisEngineOptions } from './redis-engine.ts'
