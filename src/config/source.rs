//! The texts, and what an offset in them means to a human.

use super::bulk::Short;
use std::cell::OnceCell;
use std::collections::BTreeMap;
use std::io;

/// How many plain lines of a list are worth taking past the parser.
const LONG_LIST: usize = 1000;

/// What a configuration is read from: `/persistent/config`, a kept generation, or a test's map.
///
/// Paths are relative to the configuration folder. Implementations record what was read, so that a generation can
/// hold exactly that.
pub trait Files {
    /// The names of the files directly in a folder (`""` is the configuration folder itself), sorted. A missing
    /// folder is an empty one.
    fn list(&self, folder: &str) -> io::Result<Vec<String>>;
    /// One file's content and permission bits.
    fn read(&self, path: &str) -> io::Result<File>;
}

/// ENOENT: a file that is missing here is reported in the words of one that is missing on disk.
const NO_SUCH_FILE: i32 = 2;

/// Files held in memory by path: what a test writes, what a [`super::Folder`] has read.
impl Files for BTreeMap<String, File> {
    fn list(&self, folder: &str) -> io::Result<Vec<String>> {
        let names = self.keys().filter_map(|path| match folder {
            "" => Some(path.as_str()),
            _ => path.strip_prefix(folder)?.strip_prefix('/'),
        });
        let direct = names.filter(|name| !name.contains('/') && !name.starts_with('.'));
        Ok(direct.map(str::to_owned).collect())
    }

    fn read(&self, path: &str) -> io::Result<File> {
        self.get(path)
            .cloned()
            .ok_or_else(|| io::Error::from_raw_os_error(NO_SUCH_FILE))
    }
}

/// A file's content and its permission bits (`0o640`).
#[derive(Debug, Clone)]
pub struct File {
    /// The content.
    pub bytes: Vec<u8>,
    /// The permission bits.
    pub mode: u32,
}

/// The size of the joined documents at most, in bytes.
const LARGEST: usize = 1 << 30;

/// A range of bytes in the joined documents; where a diagnostic points.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    /// The first byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
}

impl From<std::ops::Range<usize>> for Span {
    /// The documents together stay below 4 GiB ([`Sources::add`] refuses more).
    fn from(range: std::ops::Range<usize>) -> Self {
        Self {
            start: range.start as u32,
            end: range.end as u32,
        }
    }
}

/// A decoded value and its place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Located<T> {
    pub(super) value: T,
    pub(super) span: Span,
}

impl<T> Located<T> {
    /// Another value at the same place.
    pub(super) fn map<U>(self, value: impl FnOnce(T) -> U) -> Located<U> {
        Located {
            value: value(self.value),
            span: self.span,
        }
    }
}

/// A place in a document that outlives the texts: what VPP refused is reported at it.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, serde::Serialize, serde::Deserialize,
)]
pub struct At {
    /// The document's index in name order.
    pub file: u16,
    /// The line, from 1.
    pub line: u32,
}

impl At {
    /// `file:line`, of the documents with these names.
    pub fn place(self, documents: &[String]) -> String {
        let name = documents.get(usize::from(self.file));
        format!("{}:{}", name.map_or("?", String::as_str), self.line)
    }
}

/// The documents in name order, as one range of offsets.
#[derive(Debug, Default)]
pub struct Sources {
    /// The offset of the first document.
    first: usize,
    documents: Vec<Document>,
}

/// One TOML file.
#[derive(Debug)]
pub struct Document {
    /// The file's name.
    pub name: String,
    /// Its text; bytes that are no UTF-8 were replaced, and reported.
    pub text: String,
    /// The offset of its first byte in the joined documents.
    pub base: u32,
    lines: Vec<u32>,
    /// How many characters begin before each block of [`BLOCK`] bytes; counted when a column of a long line is asked for.
    blocks: OnceCell<Vec<u32>>,
    /// The text without its long lists, when it has any.
    pub(super) short: Option<Short>,
}

/// Characters are counted ahead in blocks, so that a column costs the same in a line of any length.
const BLOCK: usize = 4096;

fn characters(bytes: &[u8]) -> u32 {
    bytes.iter().filter(|b| (**b & 0xc0) != 0x80).count() as u32
}

/// A resolved position: what a diagnostic prints.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Position<'s> {
    /// The document.
    pub document: &'s Document,
    /// The line, from 1.
    pub line: u32,
    /// The column in characters, from 1.
    pub column: u32,
}

impl PartialEq for Document {
    fn eq(&self, other: &Self) -> bool {
        self.base == other.base
    }
}
impl Eq for Document {}

impl Document {
    fn characters_between(&self, start: usize, end: usize) -> u32 {
        match end - start < BLOCK {
            true => characters(&self.text.as_bytes()[start..end]),
            false => self.characters_before(end) - self.characters_before(start),
        }
    }

    fn characters_before(&self, offset: usize) -> u32 {
        let block = offset / BLOCK;
        let rest = &self.text.as_bytes()[block * BLOCK..offset];
        self.blocks().get(block).copied().unwrap_or(0) + characters(rest)
    }

    fn blocks(&self) -> &[u32] {
        self.blocks.get_or_init(|| {
            let blocks = self.text.as_bytes().chunks(BLOCK);
            let ends = blocks.scan(0, |before, block| {
                *before += characters(block);
                Some(*before)
            });
            std::iter::once(0).chain(ends).collect()
        })
    }

    /// All of it.
    pub(super) fn span(&self) -> Span {
        Span {
            start: self.base,
            end: self.base + self.text.len() as u32,
        }
    }

    /// A line (from 1) without its line end, and the offset of its first byte in this document.
    pub fn line(&self, number: u32) -> (usize, &str) {
        let index = (number as usize).saturating_sub(1);
        let start = self.lines.get(index).map_or(self.text.len(), |s| *s as usize);
        let end = self.lines.get(index + 1).map_or(self.text.len(), |s| *s as usize);
        let line = &self.text[start..end];
        let line = line.strip_suffix('\n').unwrap_or(line);
        (start, line.strip_suffix('\r').unwrap_or(line))
    }
}

impl Sources {
    /// Adds a document behind the others. `None` when the joined documents would exceed 1 GiB or 65,535 files.
    pub fn add(&mut self, name: String, text: String) -> Option<&Document> {
        let base = self.next_base()? as usize;
        if base + text.len() > LARGEST || self.documents.len() >= usize::from(u16::MAX) {
            return None;
        }
        let ends = memchr::memchr_iter(b'\n', text.as_bytes());
        let lines = std::iter::once(0).chain(ends.map(|end| end as u32 + 1)).collect();
        self.documents.push(Document {
            blocks: OnceCell::new(),
            name,
            short: Short::new(&text, LONG_LIST),
            text,
            base: base as u32,
            lines,
        });
        self.documents.last()
    }

    /// The offset the next document gets; `None` when no more fit.
    pub(super) fn next_base(&self) -> Option<u32> {
        let last = self.documents.last();
        let base = last.map_or(self.first, |last| last.base as usize + last.text.len() + 1);
        (base <= LARGEST).then_some(base as u32)
    }

    /// Sources that continue where these end.
    pub(super) fn behind(&self) -> Self {
        Self {
            first: self.next_base().map_or(LARGEST, |base| base as usize),
            documents: Vec::new(),
        }
    }

    /// Adds sources that continue these.
    pub(super) fn append(&mut self, behind: Self) {
        self.documents.extend(behind.documents);
    }

    /// The documents in the order they were added.
    pub fn documents(&self) -> &[Document] {
        &self.documents
    }

    /// The document an offset lies in, and its index.
    fn document(&self, offset: u32) -> Option<(usize, &Document)> {
        let index = self
            .documents
            .partition_point(|d| d.base <= offset)
            .checked_sub(1)?;
        Some((index, &self.documents[index]))
    }

    /// File, line and column of a span's start; `None` only when there are no documents.
    pub fn position(&self, span: Span) -> Option<Position<'_>> {
        let (_, document) = self.document(span.start)?;
        let offset = (span.start - document.base).min(document.text.len() as u32);
        let line = document.lines.partition_point(|start| *start <= offset) as u32;
        let start = document.lines[line as usize - 1] as usize;
        let column = document.characters_between(start, offset as usize) + 1;
        Some(Position {
            document,
            line,
            column,
        })
    }

    /// File index and line of a span's start.
    pub fn at(&self, span: Span) -> At {
        let Some((index, document)) = self.document(span.start) else {
            return At::default();
        };
        let line = document
            .lines
            .partition_point(|start| *start <= span.start - document.base) as u32;
        At {
            file: index as u16,
            line,
        }
    }

    /// The documents' names.
    pub fn names(&self) -> Vec<String> {
        self.documents.iter().map(|d| d.name.clone()).collect()
    }
}

/// The nearest of `known` to what was typed: a slip of the finger, or the beginning of a longer name.
pub(crate) fn did_you_mean<'k>(typed: &str, known: impl IntoIterator<Item = &'k str>) -> Option<&'k str> {
    let allowed = |name: &str| 1 + name.len() / 4;
    let begins = |name: &str| typed.len() >= 4 && name.starts_with(typed);
    // A difference in length is a distance already.
    let near = |name: &&str| begins(name) || name.len().abs_diff(typed.len()) <= allowed(name);
    known
        .into_iter()
        .filter(near)
        .map(|name| (strsim::damerau_levenshtein(typed, name), name))
        .filter(|(distance, name)| *distance <= allowed(name) || begins(name))
        .min()
        .map(|(_, name)| name)
}
