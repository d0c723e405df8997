/** The part of the pages' scripts that knows what is searched for: all words, in any order. */
export const CLIENT_SEARCH = String.raw`
const wordsOf = (text) => text.toLowerCase().split(/\s+/).filter(Boolean);
/** A whole cell's id means that cell, and none whose id begins or ends with it. */
const inId = (word, whole) => (id) => (whole ? id === word : id.includes(word));
`;
