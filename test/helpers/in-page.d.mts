/** The functions of `in-page.mjs`. */
export function overflow(): number;
export function openAll(): void;
export function paper(): string;
export function deadLinks(): readonly string[];
export function focused(): string;
export function focusOutline(): string;
export function strangeThings(): Readonly<Record<string, number>>;
export function bodyText(): string;
export function runAxe(): Promise<readonly string[]>;
export function poorContrasts(ratioMin: number): readonly string[];
