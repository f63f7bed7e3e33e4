//! Long lists of plain texts, taken past TOML's tokens.
//!
//! A prefix-list of 250,000 members is a million tokens to a parser, and one shape of line to anybody else. Runs of
//! such lines are taken out of the text, the parser reads what is left, and the runs are put back into the lists they
//! stood in. Up to a run both texts are the same, so the parser is in the same state there; when the tree then says
//! that this is inside a list, behind its bracket or a comma, a run of `"text",` lines leaves it there. Whatever does
//! not fit this is read by the parser alone.

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

/// A run of lines that was taken out.
#[derive(Debug)]
struct Run {
    /// Where it stood, in what is left.
    at: usize,
    /// Its bytes in the whole text.
    range: Range<usize>,
    /// How many texts it has.
    items: usize,
}

impl Short {
    /// Takes out the runs of at least `shortest` texts; `None` when there are none.
    pub(super) fn new(text: &str, shortest: usize) -> Option<Self> {
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
        text: "",
        base,
        placed: 0,
    };
    mover.table(table)
}

fn find_runs(text: &str, shortest: usize) -> Vec<Run> {
    let mut runs: Vec<Run> = Vec::new();
    let mut offset = 0;
    let mut removed = 0;
    // Whether the last line that says something ends where a list goes on.
    let mut open = false;
    let mut run: Option<(usize, usize)> = None;
    for line in text.split_inclusive('\n') {
        let kind = kind(line);
        run = match (kind, run) {
            (Kind::Item(_), None) if open => Some((offset, 1)),
            (Kind::Item(_), Some((start, items))) => Some((start, items + 1)),
            (Kind::Empty, run) => run,
            (Kind::Item(_) | Kind::Other, ended) => {
                if let Some((start, items)) = ended.filter(|(_, items)| *items >= shortest) {
                    runs.push(Run {
                        at: start - removed,
                        range: start..offset,
                        items,
                    });
                    removed += offset - start;
                }
                open = !line.contains('#') && line.trim_end().ends_with(['[', ',']);
                None
            }
        };
        offset += line.len();
    }
    runs
}

enum Kind {
    /// A text and a comma; where the text stands, with its quotes.
    Item(Range<usize>),
    /// Blanks, or a comment.
    Empty,
    Other,
}

fn kind(line: &str) -> Kind {
    let Some(body) = line.strip_suffix('\n') else {
        return Kind::Other;
    };
    let body = body.strip_suffix('\r').unwrap_or(body);
    let said = body.trim_start_matches([' ', '\t']);
    let Some(quoted) = said.strip_prefix('"') else {
        return if is_rest(said) { Kind::Empty } else { Kind::Other };
    };
    let Some(end) = quoted
        .bytes()
        .position(|b| b == b'"' || b == b'\\' || is_control(b))
    else {
        return Kind::Other;
    };
    let behind = quoted[end..].strip_prefix('"').unwrap_or_default();
    match behind.trim_start_matches([' ', '\t']).strip_prefix(',') {
        Some(rest) if is_rest(rest.trim_start_matches([' ', '\t'])) => {
            let start = body.len() - said.len();
            Kind::Item(start..start + end + 2)
        }
        _ => Kind::Other,
    }
}

/// Nothing, or a comment.
fn is_rest(text: &str) -> bool {
    text.is_empty() || (text.starts_with('#') && !text.bytes().any(is_control))
}

fn is_control(byte: u8) -> bool {
    byte.is_ascii_control() && byte != b'\t'
}

struct Mover<'r, 's> {
    runs: &'r [Run],
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
        let more: usize = inside.clone().map(|run| run.items).sum();
        let mut items = Vec::with_capacity(array.len() + more);
        for item in array {
            let place = item.span();
            while let Some(run) = inside.next_if(|run| run.at <= place.start) {
                self.place(run, &mut items);
            }
            // What lies inside an item is that item's.
            while inside.next_if(|run| run.at < place.end).is_some() {}
            items.push(self.value(item));
        }
        for run in inside {
            self.place(run, &mut items);
        }
        items.into_iter().collect()
    }

    fn place(&mut self, run: &Run, items: &mut Vec<Spanned<DeValue<'s>>>) {
        self.placed += 1;
        let mut offset = run.range.start;
        for line in self.text[run.range.clone()].split_inclusive('\n') {
            if let Kind::Item(range) = kind(line) {
                let (start, end) = (offset + range.start, offset + range.end);
                let text = DeValue::String(Cow::Borrowed(&self.text[start + 1..end - 1]));
                items.push(Spanned::new(self.base + start..self.base + end, text));
            }
            offset += line.len();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const LINES: [&str; 24] = [
        "  \"10.0.0.0/8 le 32\",\n",
        "\"a\", # b\n",
        "\"\",\n",
        "\t\"c\" ,\r\n",
        "\n",
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
            items in prop::collection::vec(prop::sample::select(LINES[..6].to_vec()), 0..6),
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
