import { libraryMissing } from './errors.ts';

/**
 * Loads an optional peer dependency on first use.
 *
 * @param load `() => import('pg')`: written out, so that bundlers see it.
 * @throws {ConnectorError} LIBRARY_MISSING.
 */
export async function loadLibrary<T>(
  load: () => Promise<T>,
  { library, service }: { readonly library: string; readonly service: string },
): Promise<T> {
  try {
    return await load();
  } catch (error) {
    throw isNotFound(error, library) ? libraryMissing(library, service, error) : error;
  }
}

/** Something else may be missing, within the library: that is another error. */
function isNotFound(error: unknown, library: string): boolean {
  if (!(error instanceof Error) || !('code' in error)) return false;
  const isMissing = error.code === 'ERR_MODULE_NOT_FOUND' || error.code === 'MODULE_NOT_FOUND';
  return isMissing && error.message.includes(`'${library}'`);
}
