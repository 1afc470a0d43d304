#!/usr/bin/env node
/** The program `holdfast`. */
import { runProcess } from './process.ts';

await runProcess('holdfast');
