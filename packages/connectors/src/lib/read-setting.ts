import { settingMissing } from './errors.ts';

/** A value, or where to read it when it is needed: `() => process.env.DATABASE_URL`. */
export type Setting = string | (() => string | undefined);

/** @throws {ConnectorError} SETTING_MISSING. */
export function readSetting(setting: Setting, service: string, name: string): string {
  const value = typeof setting === 'function' ? setting() : setting;
  if (value === undefined || value === '') throw settingMissing(service, name);
  return value;
}
