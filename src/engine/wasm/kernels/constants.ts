// The numbers of elementary.ts, activations.ts and dropout.ts, whose values are in ../constants.ts: the module imports them.
// V8 13 (Node 24) makes a vector of a constant anew at each use, by three instructions where the arithmetic is one; what it imports it
// keeps in a register or reads. tanh then takes 1.0 in place of 1.9 ns an element, softmax 1.8 in place of 2.5, and on Node 20 what it
// did; in joined vectors (../wide.ts) tanh takes 0.7 in place of 1.9, softmax 1.3 in place of 2.5.
export declare const HALF: f32;
export declare const ONE: f32;
export declare const TWO: f32;
export declare const LOG2E: f32;
export declare const LN2_HIGH: f32;
export declare const LN2_LOW: f32;
export declare const ROUND: f32;
export declare const ROUND_BITS: i32;
export declare const ONE_BITS: i32;
export declare const SIGN_BIT: i32;
export declare const EXP_MOST: f32;
export declare const EXP_LEAST: f32;
export declare const TANH_MOST: f32;
export declare const Q1: f32;
export declare const Q2: f32;
export declare const Q3: f32;
export declare const Q4: f32;
export declare const Q5: f32;
export declare const GOLDEN: u32;
export declare const MIX1: u32;
export declare const MIX2: u32;
