#!/usr/bin/env node
/** The program `recover`: `recover X` is `holdfast recover X`. */
import { runProcess } from './process.ts';

await runProcess('recover');
