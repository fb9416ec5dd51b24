/** The annotation by which `index.json` of a layout names a tag. */
export const REF_NAME = 'org.opencontainers.image.ref.name';
