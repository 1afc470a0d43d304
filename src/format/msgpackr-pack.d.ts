/**
 * Types of the `msgpackr/pack` entry, which loads no native addon. The package's own declaration of
 * it points nowhere under `nodenext`. This file is not published: no declaration of ours names
 * msgpackr.
 */
declare module 'msgpackr/pack' {
  export * from 'msgpackr';
}
