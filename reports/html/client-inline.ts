/** Where the one-file report has its boards: in the page itself, each parsed when first needed. */
export const CLIENT_INLINE = `
const scripts = [...document.querySelectorAll('script[data-board]')];
const parsed = [];
const boardCount = scripts.length;
const load = (n) => (parsed[n] ??= JSON.parse(scripts[n].textContent));
const placeOf = (data) => [['run', data.run], ['board', data.board]];
const furtherNodes = () => [];
`;
