/** A profile of no devices and one cell, which the machine of the test itself fits. */
export const TINY = `schema: 1
name: tiny
title: This machine
recognise: [{ compatible: [nothing] }]
devices: { gpu: [], kms: [], encoder: [], heaps: [] }
backends: [udmabuf]
suites: { allocate: { formats: [XR24], sizes: [64x64] } }
`;
