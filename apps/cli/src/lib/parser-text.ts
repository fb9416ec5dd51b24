import { type ApplicationText, text_en } from '@stricli/core';

/** What the argument parser says, told to `onComplaint` as well, without colours. */
export function parserText(onComplaint: (text: string) => void): ApplicationText {
  const tell = (plain: string, shown: string): string => {
    onComplaint(plain);
    return shown;
  };
  return {
    ...text_en,
    noCommandRegisteredForInput: (args) =>
      tell(
        text_en.noCommandRegisteredForInput({ ...args, ansiColor: false }),
        text_en.noCommandRegisteredForInput(args),
      ),
    exceptionWhileParsingArguments: (error, ansiColor) =>
      tell(
        text_en.exceptionWhileParsingArguments(error, false),
        text_en.exceptionWhileParsingArguments(error, ansiColor),
      ),
  };
}
