import type Docker from 'dockerode';

/** Where a daemon keeps images: containerd's store takes indexes and pushes within builds, the older one does neither. */
export type ImageStore = 'containerd' | 'classic';

export async function readImageStore(client: Docker): Promise<ImageStore> {
  const { DriverStatus } = await client.info();
  return JSON.stringify(DriverStatus ?? '').includes('io.containerd.snapshotter') ? 'containerd' : 'classic';
}
