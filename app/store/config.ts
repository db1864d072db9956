import { z } from 'zod';

/** memory: nothing on disk, everything gone with the process. */
export const storageConfig = z.enum(['sqlite', 'memory']).default('sqlite');

export type StorageConfig = z.infer<typeof storageConfig>;
