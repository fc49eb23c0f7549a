// A program by itself: compiles the kernels of wasm-wide, and holds their bits against those of wasm (wide.ts). Exits with 0 where both went well.
import { wideKind } from '../engine/wasm/wide.ts';

wideKind().create(16);
