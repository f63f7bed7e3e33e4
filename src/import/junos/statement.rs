//! The three forms of a Junos configuration, as statements: `display set`, braces and `display json`.

use super::json;
use crate::import::document::Place;
use crate::import::tree::Unreadable;

/// The longest statement, in words and in bytes: none of a router comes near.
const LONGEST: usize = 64;
const LARGEST: usize = 8192;

/// A statement as `display set` prints it, without `set`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Statement {
    /// The words, without quotes.
    pub words: Vec<String>,
    /// Where it stands.
    pub place: Place,
}

/// What stands in a file.
#[derive(Debug, Default)]
pub(super) struct Statements {
    /// The statements, in order.
    pub statements: Vec<Statement>,
    /// The paths that are deactivated.
    pub inactive: Vec<Vec<String>>,
    /// What could not be read: the line and why.
    pub unreadable: Vec<Unreadable>,
}

/// Reads a file in whichever form it has.
pub(super) fn read(file: usize, text: &str) -> Statements {
    let session = (1..).zip(text.lines()).filter(|(_, line)| is_of_session(line));
    let session: Vec<u32> = session.map(|(number, _)| number).collect();
    if session.is_empty() {
        return in_its_form(file, text);
    }
    // Each line keeps its number.
    let lines = text
        .lines()
        .map(|line| if is_of_session(line) { "" } else { line });
    let mut found = in_its_form(file, &lines.collect::<Vec<_>>().join("\n"));
    found
        .unreadable
        .extend(session.into_iter().map(|line| Unreadable {
            line,
            why: "a line of the terminal, not of the configuration".to_owned(),
        }));
    found
}

/// Whether a line is one of the session that a configuration was copied from: a prompt with its command, `{master:0}`
/// above it, `[edit]`, or the pager.
fn is_of_session(line: &str) -> bool {
    let line = line.trim();
    let first = line.split_whitespace().next().unwrap_or_default();
    let is_prompt = first.contains('@') && first.ends_with(['>', '#']);
    let inside = |open: &str, close: &str| line.strip_prefix(open)?.strip_suffix(close);
    let is_role = |role: &str| {
        let mut words = role.split(':');
        let first = words.next().unwrap_or_default();
        ["master", "backup", "linecard", "primary", "secondary"].contains(&first)
            && words.all(|word| word.bytes().all(|byte| byte.is_ascii_alphanumeric()))
    };
    is_prompt
        || inside("{", "}").is_some_and(is_role)
        || inside("[edit", "]").is_some()
        || inside("---(more", ")---").is_some()
}

fn in_its_form(file: usize, text: &str) -> Statements {
    let first = text
        .lines()
        .map(str::trim_start)
        .find(|line| !line.is_empty() && !line.starts_with('#'));
    match first {
        Some(line) if line.starts_with('{') => json::read(file, text),
        Some(line)
            if ["set ", "deactivate ", "delete "]
                .iter()
                .any(|word| line.starts_with(word)) =>
        {
            set(file, text)
        }
        _ => braces(file, text),
    }
}

fn set(file: usize, text: &str) -> Statements {
    let mut found = Statements::default();
    for (number, line) in (1..).zip(text.lines()) {
        let place = Place { file, line: number };
        let tokens = tokens(line);
        let mut words = tokens.iter().map(|token| token.text);
        match words.next() {
            Some("set") => found.add(&[], &tokens[1..], place),
            Some("deactivate") => found.inactive.push(words.map(str::to_owned).collect()),
            // What is protected is there all the same.
            None | Some("protect") => {}
            Some(_) => found.unreadable.push(Unreadable {
                line: number,
                why: "expected a line that begins with 'set'".to_owned(),
            }),
        }
    }
    found
}

impl Statements {
    /// A statement below a path; one for each member of a list in brackets.
    fn add(&mut self, path: &[String], tokens: &[Token<'_>], place: Place) {
        let before = tokens.iter().position(|token| token.is("["));
        let (words, list) = match before {
            Some(begin) => (&tokens[..begin], &tokens[begin + 1..]),
            None => (tokens, &[][..]),
        };
        let size: usize = words.iter().map(|token| token.text.len()).sum();
        if path.len() + words.len() >= LONGEST || size >= LARGEST {
            return self.too_long(place.line);
        }
        let mut whole = path.to_vec();
        whole.extend(words.iter().map(|token| token.text.to_owned()));
        if before.is_none() {
            return self.statements.push(Statement { words: whole, place });
        }
        for member in list.iter().take_while(|token| !token.is("]")) {
            let mut words = whole.clone();
            words.push(member.text.to_owned());
            self.statements.push(Statement { words, place });
        }
    }
}

impl Statements {
    pub(super) fn too_long(&mut self, line: u32) {
        self.unreadable.push(Unreadable {
            line,
            why: format!("a statement of more than {LONGEST} words or {LARGEST} bytes"),
        });
    }
}

/// Whether a path is too long for what is below it to be read.
pub(super) fn is_too_long(path: &[String]) -> bool {
    path.len() >= LONGEST || path.iter().map(String::len).sum::<usize>() >= LARGEST
}

/// A word, or what stands in quotes.
#[derive(Debug, Clone, Copy)]
struct Token<'t> {
    text: &'t str,
    is_quoted: bool,
}

impl Token<'_> {
    fn is(&self, text: &str) -> bool {
        !self.is_quoted && self.text == text
    }
}

/// The words of a line, up to a comment. A quote without its end ends with the line.
fn tokens(line: &str) -> Vec<Token<'_>> {
    let mut found = Vec::new();
    let mut rest = line.trim_start();
    while let Some(first) = rest.chars().next() {
        let (text, after) = match first {
            '#' => break,
            '"' => {
                let body = &rest[1..];
                body.split_once('"').unwrap_or((body, ""))
            }
            '{' | '}' | ';' | '[' | ']' => rest.split_at(1),
            _ => {
                let end = rest.find(|c: char| c.is_whitespace() || "{};[]\"".contains(c));
                rest.split_at(end.unwrap_or(rest.len()))
            }
        };
        found.push(Token {
            text,
            is_quoted: first == '"',
        });
        rest = after.trim_start();
    }
    found
}

fn braces(file: usize, text: &str) -> Statements {
    let mut found = Statements::default();
    let mut stack: Vec<usize> = Vec::new();
    let mut path: Vec<String> = Vec::new();
    let mut words: Vec<Token<'_>> = Vec::new();
    let mut is_comment = false;
    for (number, line) in (1..).zip(text.lines()) {
        let place = Place { file, line: number };
        let line = without_comment(line, &mut is_comment);
        for token in line.map(tokens).unwrap_or_default() {
            if token.is("{") {
                let inactive = take_inactive(&mut words);
                stack.push(path.len());
                path.extend(words.drain(..).map(|token| token.text.to_owned()));
                if is_too_long(&path) {
                    found.too_long(number);
                    return found;
                }
                if inactive {
                    found.inactive.push(path.clone());
                }
            } else if token.is("}") {
                path.truncate(stack.pop().unwrap_or(0));
                words.clear();
            } else if token.is(";") {
                if take_inactive(&mut words) {
                    let own = words.iter().map(|token| token.text.to_owned());
                    found.inactive.push(path.iter().cloned().chain(own).collect());
                }
                found.add(&path, &words, place);
                words.clear();
            } else {
                words.push(token);
            }
        }
    }
    if !stack.is_empty() || !words.is_empty() {
        found.unreadable.push(Unreadable {
            line: u32::try_from(text.lines().count()).unwrap_or(u32::MAX),
            why: "the file ends in the middle of a statement".to_owned(),
        });
    }
    found
}

/// `inactive:` in front of a statement.
fn take_inactive(words: &mut Vec<Token<'_>>) -> bool {
    let is_inactive = words.first().is_some_and(|token| token.is("inactive:"));
    if is_inactive || words.first().is_some_and(|token| token.is("protect:")) {
        words.remove(0);
    }
    is_inactive
}

/// A line without `/* … */`, as Junos writes annotations: on lines of their own.
fn without_comment<'l>(line: &'l str, is_comment: &mut bool) -> Option<&'l str> {
    if !*is_comment && !line.trim_start().starts_with("/*") {
        return Some(line);
    }
    *is_comment = true;
    let (_, rest) = line.split_once("*/")?;
    *is_comment = false;
    Some(rest)
}
