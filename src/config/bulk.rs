//! Long lists of plain strings, taken past TOML's tokens.
//!
//! A prefix-list of 250,000 members is a million tokens to a parser, and one repeated shape to anybody else. Runs of
//! strings, each followed by a comma, are taken out of the text; the parser reads what is left, and the runs are put back
//! into the lists they came from. Up to a run both texts are the same, so the parser is in the same state there; when the
//! tree then says that this is inside a list, behind its bracket or a comma, a run leaves it there. It does not matter
//! how the strings are quoted or whether they share a line. Whatever does not fit this is left to the parser alone.

use serde_spanned::Spanned;
use std::borrow::Cow;
use std::ops::Range;
use toml::de::{DeArray, DeTable, DeValue};

/// A text without its runs.
#[derive(Debug)]
pub(super) struct Short {
    /// What is left.
    pub(super) text: String,
    runs: Vec<Run>,
}

/// A run of strings that was taken out.
#[derive(Debug)]
struct Run {
    /// Where it stood, in what is left.
    at: usize,
    /// Its bytes in the whole text.
    range: Range<usize>,
    /// Its strings in the whole text, with their quotes.
    items: Vec<Range<u32>>,
}

impl Short {
    /// Takes out the runs of at least `shortest` strings; `None` when there are none, or when the text has a control character,
    /// which TOML allows nowhere.
    pub(super) fn new(text: &str, shortest: usize) -> Option<Self> {
        if has_control(text.as_bytes()) {
            return None;
        }
        let runs = find_runs(text, shortest);
        let mut short = String::with_capacity(runs.last()?.at + text.len() - runs.last()?.range.end);
        let mut from = 0;
        for run in &runs {
            short.push_str(&text[from..run.range.start]);
            from = run.range.end;
        }
        short.push_str(&text[from..]);
        Some(Self { text: short, runs })
    }

    /// The tree of the whole text, from the tree of what was left; spans begin at `base`. `None` when a run did not
    /// stand in a list.
    pub(super) fn restore<'s>(&self, table: DeTable<'s>, text: &'s str, base: usize) -> Option<DeTable<'s>> {
        let mut mover = Mover {
            runs: &self.runs,
            left: self.text.as_bytes(),
            text,
            base,
            placed: 0,
        };
        let table = mover.table(table);
        (mover.placed == self.runs.len()).then_some(table)
    }
}

/// Moves a tree's spans by a base.
pub(super) fn moved(table: DeTable<'_>, base: usize) -> DeTable<'_> {
    let mut mover = Mover {
        runs: &[],
        left: &[],
        text: "",
        base,
        placed: 0,
    };
    mover.table(table)
}

/// The runs of a text. Each byte is looked at once, whatever the text.
fn find_runs(text: &str, shortest: usize) -> Vec<Run> {
    let bytes = text.as_bytes();
    let mut runs: Vec<Run> = Vec::new();
    let (mut scanned, mut removed) = (0, 0);
    while let Some(found) = memchr::memchr2(b'[', b',', &bytes[scanned..]) {
        let start = scanned + found + 1;
        let mut items = Vec::new();
        let (mut end, mut stopped) = (start, start);
        loop {
            match item(bytes, stopped) {
                Ok((range, behind)) => {
                    items.push(range);
                    (end, stopped) = (behind, behind);
                }
                Err(at) => {
                    stopped = at;
                    break;
                }
            }
        }
        scanned = stopped;
        if items.len() >= shortest {
            runs.push(Run {
                at: start - removed,
                range: start..end,
                items,
            });
            removed += end - start;
        }
    }
    runs
}

/// The next string of a list with the comma behind it: where it stands with its quotes, and where the comma ends. The
/// place where it is not one otherwise.
fn item(bytes: &[u8], from: usize) -> Result<(Range<u32>, usize), usize> {
    let start = behind_blanks(bytes, from);
    let quote = match bytes.get(start) {
        Some(quote @ (b'"' | b'\'')) => *quote,
        _ => return Err(start),
    };
    let inside = &bytes[start + 1..];
    let end = start + 1 + memchr::memchr3(quote, b'\\', b'\n', inside).ok_or(bytes.len())?;
    if bytes[end] != quote {
        return Err(end);
    }
    let mut comma = end + 1;
    while let Some(b' ' | b'\t') = bytes.get(comma) {
        comma += 1;
    }
    match bytes.get(comma) {
        Some(b',') => Ok((start as u32..end as u32 + 1, comma + 1)),
        _ => Err(end + 1),
    }
}

/// The first byte that is neither blank nor line end nor part of a comment.
fn behind_blanks(bytes: &[u8], from: usize) -> usize {
    let mut at = from;
    loop {
        match bytes.get(at) {
            Some(b' ' | b'\t' | b'\n') => at += 1,
            Some(b'\r') if bytes.get(at + 1) == Some(&b'\n') => at += 2,
            Some(b'#') => {
                let Some(length) = memchr::memchr(b'\n', &bytes[at..]) else {
                    return at;
                };
                at += length + 1;
            }
            _ => return at,
        }
    }
}

/// Whether there is a control character other than a tab or the end of a line.
fn has_control(bytes: &[u8]) -> bool {
    let is_wrong = |at: usize| match bytes[at] {
        b'\t' | b'\n' => false,
        b'\r' => bytes.get(at + 1) != Some(&b'\n'),
        byte => byte.is_ascii_control(),
    };
    let (words, rest) = bytes.as_chunks();
    let suspects = words.iter().zip(0..).filter(|(word, _)| may_have_control(**word));
    let mut places = suspects.flat_map(|(_, number)| number * 8..number * 8 + 8);
    places.any(is_wrong) || (bytes.len() - rest.len()..bytes.len()).any(is_wrong)
}

/// False when no byte is a control character: eight in one step, because a long list is many bytes and few line ends. A byte
/// below a borrows from the top bit when a is taken from it.
fn may_have_control(word: [u8; 8]) -> bool {
    let every = |byte: u8| u64::from_ne_bytes([byte; 8]);
    let has_below = |word: u64, limit: u8| word.wrapping_sub(every(limit)) & !word & every(0x80) != 0;
    let word = u64::from_ne_bytes(word);
    has_below(word, b' ') || has_below(word ^ every(0x7f), 1)
}

struct Mover<'r, 's> {
    runs: &'r [Run],
    left: &'r [u8],
    text: &'s str,
    base: usize,
    placed: usize,
}

impl<'s> Mover<'_, 's> {
    fn range(&self, short: Range<usize>) -> Range<usize> {
        let removed = |before: usize| {
            let last = before.checked_sub(1).map(|index| &self.runs[index]);
            last.map_or(0, |run| run.range.end - run.at)
        };
        let start = removed(self.runs.partition_point(|run| run.at <= short.start));
        let end = removed(self.runs.partition_point(|run| run.at < short.end));
        self.base + short.start + start
            ..self.base + short.end + end.max(if short.is_empty() { start } else { 0 })
    }

    fn moved<T>(&self, value: Spanned<T>) -> Spanned<T> {
        Spanned::new(self.range(value.span()), value.into_inner())
    }

    fn table(&mut self, table: DeTable<'s>) -> DeTable<'s> {
        table
            .into_iter()
            .map(|(key, value)| (self.moved(key), self.value(value)))
            .collect()
    }

    fn value(&mut self, value: Spanned<DeValue<'s>>) -> Spanned<DeValue<'s>> {
        let span = value.span();
        let inner = match value.into_inner() {
            DeValue::Table(table) => DeValue::Table(self.table(table)),
            DeValue::Array(array) => DeValue::Array(self.array(array, &span)),
            other => other,
        };
        Spanned::new(self.range(span), inner)
    }

    /// Moves an array's items, and puts the runs between them that stood there.
    fn array(&mut self, array: DeArray<'s>, span: &Range<usize>) -> DeArray<'s> {
        let runs = self.runs;
        let first = runs.partition_point(|run| run.at <= span.start);
        let last = runs.partition_point(|run| run.at < span.end);
        let mut inside = runs[first..last.max(first)].iter().peekable();
        let more: usize = inside.clone().map(|run| run.items.len()).sum();
        let mut items = Vec::with_capacity(array.len() + more);
        let mut end = None;
        for item in array {
            let place = item.span();
            while let Some(run) = inside.next_if(|run| run.at <= place.start) {
                self.place_behind(end, span, run, &mut items);
            }
            // What lies inside an item is that item's.
            while inside.next_if(|run| run.at < place.end).is_some() {}
            end = Some(place.end);
            items.push(self.value(item));
        }
        for run in inside {
            self.place_behind(end, span, run, &mut items);
        }
        items.into_iter().collect()
    }

    /// Places a run behind the item that ends there, or behind the bracket: if nothing but blanks and comments, and the comma,
    /// are in between. A bracket or a comma in a comment is none.
    fn place_behind(
        &mut self,
        end: Option<usize>,
        list: &Range<usize>,
        run: &Run,
        items: &mut Vec<Spanned<DeValue<'s>>>,
    ) {
        let is_next = match end {
            None => run.at == list.start + 1,
            Some(end) => {
                let comma = behind_blanks(&self.left[..run.at], end);
                self.left.get(comma) == Some(&b',') && comma + 1 == run.at
            }
        };
        if is_next {
            self.place(run, items);
        }
    }

    fn place(&mut self, run: &Run, items: &mut Vec<Spanned<DeValue<'s>>>) {
        self.placed += 1;
        for item in &run.items {
            let (start, end) = (item.start as usize, item.end as usize);
            let text = DeValue::String(Cow::Borrowed(&self.text[start + 1..end - 1]));
            items.push(Spanned::new(self.base + start..self.base + end, text));
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const LINES: [&str; 29] = [
        "  \"10.0.0.0/8 le 32\",\n",
        "\"a\", # b\n",
        "\"\",\n",
        "\t\"c\" ,\r\n",
        "\n",
        "  'e', \"f\",\"g\" , # h\n",
        "'\\', \"i\",\n",
        "  # d, [\n",
        "a = [\n",
        "b = [ \"x\",\n",
        "c = [ \"x\"\n",
        "]\n",
        "],\n",
        "[\n",
        "[t]\n",
        "[[u]]\n",
        "d = '''\n",
        "'''\n",
        "e = \"\"\"\n",
        "\"\"\"\n",
        "\"\"\"\",\n",
        "f = { g = [\n",
        "] }\n",
        "1,\n",
        "\"z\"\n",
        "{ h = 1 },\n",
        "j = [\"k\", 'l', \"m\"]\n",
        "\"n\\\"\", \"o\",\n",
        "p = [[\"q\",], [\"r\", \"s\", ]]\n",
    ];

    fn whole(text: &str) -> Option<DeTable<'_>> {
        let (table, errors) = DeTable::parse_recoverable(text);
        errors.is_empty().then(|| table.into_inner())
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(5000))]

        /// What is read past the parser is what the parser reads, spans included.
        #[test]
        fn the_tree_is_the_parsers(
            opening in prop::sample::select(vec!["", "a = [\n", "a = [ \"x\",\n", "[t]\na = [[\n"]),
            items in prop::collection::vec(prop::sample::select(LINES[..8].to_vec()), 0..6),
            lines in prop::collection::vec(prop::sample::select(LINES.to_vec()), 0..8),
            closing in prop::sample::select(vec!["", "]\n", "]]\n", "'''\n", "]\nb = 2\n"]),
        ) {
            let text = format!("{opening}{}{}{closing}", items.concat(), lines.concat());
            if let Some(short) = Short::new(&text, 1)
                && let Some(table) = whole(&short.text)
                && let Some(restored) = short.restore(table, &text, 7)
            {
                let expected = whole(&text).map(|table| moved(table, 7));
                prop_assert_eq!(format!("{:?}", Some(restored)), format!("{expected:?}"), "{}", text);
            }
        }
    }

    #[test]
    fn a_bracket_in_a_comment_begins_no_list() {
        let text = "a = [\n\"\"\"\ne = \"\"\" # d, [\n\"10.0.0.0/8\",\n]\n";
        let short = Short::new(text, 1).unwrap();
        let restored = whole(&short.text).and_then(|table| short.restore(table, text, 0));
        assert!(restored.is_none() && whole(text).is_none(), "{restored:?}");
    }

    #[test]
    fn a_long_list_is_taken_out_and_put_back() {
        let text = format!(
            "a = 1\nb = [\n{}  \"last\"\n]\nc = 2\n",
            "  \"x\", # y\n".repeat(50)
        );
        let short = Short::new(&text, 10);
        let short = short.as_ref().filter(|short| short.text.len() < 60);
        let restored = short.and_then(|short| short.restore(whole(&short.text)?, &text, 0));
        assert_eq!(format!("{restored:?}"), format!("{:?}", whole(&text)));
    }
}
