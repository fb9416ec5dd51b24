export type { Connector } from './lib/connector.ts';
export { ConnectorError, type ConnectorErrorCode } from './lib/errors.ts';
export type { Setting } from './lib/read-setting.ts';
