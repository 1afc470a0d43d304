/**
 * The codes of findings about the bytes of a transcript and about its records among each other.
 * The compiler keeps the lists complete.
 */
import type { ByteCode, GraphCode } from '../../integrity/finding.ts';
import type { Explanation } from './explanation.ts';

const apply =
  'Run `recover plan FILE` to see the exact edits, then `recover apply FILE --to OUT`; the file ' +
  'itself is never changed.';

/** By code. */
export const byteExplanations: Readonly<Record<ByteCode, Explanation>> = {
  TORN_RECORD: {
    meaning: 'The last record of the file is cut short; everything before it is whole.',
    cause: 'The process was killed, the machine lost power or the disk was full while it wrote.',
    action:
      'Let no tool append to the file before the torn end is cut off, or the next record is lost ' +
      `too. ${apply} Of the -wal file of a database no end is cut off: copy it again with the ` +
      'database, while the tool is stopped.',
  },
  NUL_RUN: {
    meaning: 'Zero bytes stand where text should be. What they took the place of is lost.',
    cause:
      'After a power cut a file system gave the file its length but not its content; it may ' +
      'happen in the middle too, with sound records behind it.',
    action:
      'Between records and between the parts of one they are taken out. In a string U+FFFD ' +
      'stands in their place, and the bytes are listed as lost. Where they may have taken a ' +
      'name, a part of a number or whole members, the record is not read (MALFORMED_RECORD), and ' +
      `nothing is changed there. ${apply}`,
  },
  FUSED_RECORDS: {
    meaning: 'Several records stand on one line. Readers that go by lines lose all of them.',
    cause: 'Something was appended to a file whose last line had no line end.',
    action: `A line end is put between them; a copy that follows is taken out. ${apply}`,
  },
  MALFORMED_RECORD: {
    meaning: 'Bytes inside the file are no record. What they said is lost; the rest is read.',
    cause:
      'A write was interrupted and the next one went on behind it, somebody edited it, or zero ' +
      'bytes may stand over more of it than a part of one string.',
    action:
      'Look at the bytes at that place: they stay in the file, and nothing is guessed. What ' +
      'stands behind the end of a file that is one value, such as the rest of a longer one, is ' +
      `cut off and listed as lost. ${apply}`,
  },
  BAD_UTF8: {
    meaning:
      'Bytes in a record are no UTF-8. Each of them is read as U+FFFD; a thought that they stand ' +
      'in is read without its signature, as no provider takes it back any more.',
    cause: 'A character was cut in two by a write, or a tool put in bytes of another encoding.',
    action:
      'Nothing has to be done for one record: it is read, and the bytes stay as they are. Where ' +
      'many have them, the file may be Latin-1 text: make a copy in UTF-8 (iconv -f LATIN1 ' +
      '-t UTF-8 FILE > COPY) and look at that one.',
  },
  BYTE_ORDER_MARK: {
    meaning: 'The file begins with a byte order mark. Some readers take the first record for bad.',
    cause: 'An editor or a shell of Windows saved the file.',
    action: `The three bytes are taken off. ${apply}`,
  },
  OVERSIZED_RECORD: {
    meaning: 'A record is larger than the bound and was passed over without being read.',
    cause: 'A tool wrote a picture or a huge output into its transcript.',
    action: 'Raise the bound if there is memory for it; the record stays in the file.',
  },
  NUMBER_ROUNDED: {
    meaning: 'A number has more digits, or a larger exponent, than a double holds, or is -0.',
    cause: 'A tool that is not written in JavaScript wrote an identifier or a decimal as a number.',
    action:
      'Nothing has to be done: a repair leaves its digits as they are. An import rounds it, as ' +
      'programs in JavaScript do, and keeps the text of arguments for exports that take a text.',
  },
  DUPLICATE_KEY: {
    meaning: 'Two members of one object have the same name; programs read only the last of them.',
    cause: 'A tool wrote an object together from parts, or a model gave an argument twice.',
    action:
      'Nothing has to be done: a repair leaves both as they are. An import keeps the last one, ' +
      'and the text of arguments for exports that take a text.',
  },
  UNEXPECTED_RECORD: {
    meaning: 'A record is sound JSON, but not what the format has at this place.',
    cause: 'A newer version of the tool wrote it, or another program wrote into the file.',
    action: 'Nothing has to be done: it is kept as it is and takes no part in the conversation.',
  },
};

/** By code. */
export const graphExplanations: Readonly<Record<GraphCode, Explanation>> = {
  MISSING_PARENT: {
    meaning: 'A record names a parent that is not in the file. What was before it is not reached.',
    cause: 'The parent was never written, lost to damage, or is in the file of another session.',
    action:
      'Search the other files of the project for the parent. Where messages in front are cut ' +
      'off, `recover plan` of a Claude Code file links the record to the one in front: a guess. ' +
      'Parts of opencode whose message is gone say what is in no message: take the message from ' +
      'a backup, or read them where they are. So too with messages whose session is gone.',
  },
  PARENT_CYCLE: {
    meaning: 'Records name each other as parents in a circle, so that there is no beginning.',
    cause: 'Ids were written twice, or a program that merges files mixed them up.',
    action:
      'Only the records up to the circle count. `recover plan` of a Claude Code file cuts it at ' +
      'the place that is named, and links that record to the one in front of it: a guess.',
  },
  MULTIPLE_LEAVES: {
    meaning: 'The conversation branches, and only one branch is gone on with.',
    cause: 'The user went back and tried another way, or two windows wrote to one session.',
    action: 'Nothing has to be done when that was wanted; the report names the other branches.',
  },
  DUPLICATE_RECORD: {
    meaning: 'A record stands in the file twice with the same id and the same content.',
    cause: 'A write was repeated after an error, or a file was copied into another.',
    action: `The copy takes no part in the conversation. ${apply}`,
  },
  CONFLICTING_RECORD: {
    meaning: 'Two records have the same id and say different things. The last one counts.',
    cause: 'The tool wrote a newer state of the record, or two sessions share a file.',
    action: 'Compare both at the places that are named; nothing is taken out.',
  },
  SEQUENCE_GAP: {
    meaning: 'Numbers of records are missing: something that was numbered is not there.',
    cause: 'Records were lost to damage, or their write failed while the next one came through.',
    action: 'Some tools refuse such a file. Look for what is lost in a copy of the file.',
  },
  SEQUENCE_REPEATED: {
    meaning: 'A number of a record comes a second time.',
    cause: 'A write was repeated after an error, or two processes wrote to one session.',
    action: 'Some tools refuse such a file; the records are read in the order of the file.',
  },
  OUT_OF_ORDER: {
    meaning: 'Records do not stand in the order of their numbers or times.',
    cause: 'Two processes wrote to one session, or a file was put together from parts.',
    action: 'Read the places that are named: the order of the conversation may be another one.',
  },
};
