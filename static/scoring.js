// The scoring rules of a preview, from the protocol table that came with the page. The server computes the value itself
// and refuses a save whose preview showed another one.

export const isPercent = (text) => /^(?:[0-9]{1,2}|100)$/.test(text);
export const isCount = (text) => /^[0-9]{1,5}$/.test(text);

export const extentOf = (percent, protocol) =>
  protocol.extents.find(({ low, high }) => percent >= low && percent <= high)?.extent ?? null;

// {extent, score} of what is entered so far; refused is true for what the server will refuse.
export const preview = (intensity, percentText, chosenExtent, protocol) => {
  const percent = isPercent(percentText) ? Number(percentText) : null;
  const extent = percentText === "" ? chosenExtent : percent === null ? null : extentOf(percent, protocol);
  const refused = (percentText !== "" && extent === null)
    || (intensity !== null && extent !== null && (intensity === 0) !== (extent === 0));
  const score = refused || intensity === null || extent === null ? null : intensity * extent;
  return { extent, score, refused };
};

// {mean, sd, n} of the fields that are filled in, null when there is none or one is no whole number; sd of two or more.
export const meanOf = (texts) => {
  const given = texts.filter((text) => text !== "");
  if (!given.length || !given.every(isCount)) return null;
  const counts = given.map(Number);
  const mean = counts.reduce((sum, count) => sum + count, 0) / counts.length;
  const squares = counts.reduce((sum, count) => sum + (count - mean) ** 2, 0);
  return { mean, sd: counts.length > 1 ? Math.sqrt(squares / (counts.length - 1)) : null, n: counts.length };
};
