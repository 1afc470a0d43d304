/** The look of the page: calm, one measure, colour only where something is to be seen. */
import { frameStyle } from './frame-style.ts';
import { findingStyle } from './finding-style.ts';
import { timelineStyle } from './timeline-style.ts';

/** CSS without any reference to the outside. */
export const pageStyle: string = frameStyle + findingStyle + timelineStyle;
