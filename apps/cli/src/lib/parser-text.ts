import { type ApplicationText, text_en } from '@stricli/core';
import { paint } from './report/style.ts';

/** What the argument parser says, in the form of all other errors, and told to `onComplaint` without colours. */
export function parserText(onComplaint: (text: string) => void): ApplicationText {
  const tell = (text: string, color: boolean): string => {
    const plain = text.replaceAll(/--[a-z]+[A-Z]\w*/g, kebabCase);
    onComplaint(plain);
    const output = { color };
    const hint = 'Run "mcpgen --help", or "mcpgen <command> --help"';
    return `${paint(output, 'red', 'error')} ${plain} ${paint(output, 'dim', '[USAGE]')}\n  ${paint(output, 'cyan', 'try')} ${hint}`;
  };
  return {
    ...text_en,
    noCommandRegisteredForInput: (args) =>
      tell(text_en.noCommandRegisteredForInput({ ...args, ansiColor: false }), args.ansiColor),
    exceptionWhileParsingArguments: (error, ansiColor) =>
      tell(text_en.exceptionWhileParsingArguments(error, false), ansiColor),
  };
}

/** `--noCache` as it is written in the help: `--no-cache`. */
function kebabCase(flag: string): string {
  return flag.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}
