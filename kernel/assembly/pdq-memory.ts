/** Where everything stands in the memory of the PDQ kernel, for AssemblyScript. */

/** Up to 512 rows of 512 pixels of 3 bytes, and slack for loads that read past the last pixel. */
export const pixelsAt: usize = 1024;
const pixelBytes: usize = 512 * 512 * 3 + 64;
/** 512 pixels of 3 sums of 16 bits each, with slack. */
export const sumsAt: usize = pixelsAt + pixelBytes;
const sumBytes: usize = 512 * 3 * 2 + 64;
/** For each of the 64 points along one side: first pixel, how many (i32 each), whether it touches a border, its denominator. */
export const rowPlanAt: usize = sumsAt + sumBytes;
export const columnPlanAt: usize = rowPlanAt + 64 * 16;
/** 8 whole-number weights of 16 bits for each point. */
export const rowWeightsAt: usize = columnPlanAt + 64 * 16;
export const columnWeightsAt: usize = rowWeightsAt + 64 * 16;
/** For each column point: 24 weights of 16 bits, colour folded in, for points that touch no border. */
export const foldedAt: usize = columnWeightsAt + 64 * 16;
/** 64 x 64 points, f32. */
export const pointsAt: usize = foldedAt + 64 * 48;
/** 16 rows of the cosine transform's matrix, 64 columns, f32. */
export const cosinesAt: usize = pointsAt + 64 * 64 * 4;
/** Half way: 16 x 64. */
export const halfAt: usize = cosinesAt + 16 * 64 * 4;
/** The transform's 16 x 16 low frequencies. */
export const frequenciesAt: usize = halfAt + 16 * 64 * 4;
/** The cosine matrix the other way round: 64 rows of 16, f32. */
export const turnedAt: usize = frequenciesAt + 256 * 4;
/** 256 frequencies being ordered, to find the median. */
export const orderedAt: usize = turnedAt + 64 * 16 * 4;
/** 8 orientations of 32 bytes. */
export const bitsAt: usize = orderedAt + 256 * 4;
/** Two planes of 512 x 512 f32, for pictures that are hashed in the reference's own steps. */
export const lumaAt: usize = bitsAt + 8 * 32;
export const otherAt: usize = lumaAt + 512 * 512 * 4;
/** A row of a larger picture, waiting to be thinned out. */
export const rowAt: usize = otherAt + 512 * 512 * 4;
