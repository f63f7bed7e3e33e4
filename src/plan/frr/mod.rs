//! What FRR runs against what frr.conf says, and what is given to FRR first so that no map lets nothing through in between.

mod block;
mod change;
pub mod daemons;
mod line;
mod unchanged;

pub use self::change::{Change, PAUSE, Session, change, is_forgotten, questions, sessions};

use self::block::Statement;
use self::unchanged::Unchanged;
use crate::types::FrrRelease;
use crate::types::secret::cover;
use foldhash::{HashMap, HashSet};
use std::fmt;

/// How many differences are printed; the rest are counted.
const SHOWN: usize = 8;

/// A line that FRR runs otherwise than frr.conf says, secrets covered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// The line of frr.conf, counted from 1, and its text; `None` if frr.conf has no such line.
    pub wanted: Option<(usize, String)>,
    /// What FRR shows in its place; `None` if it shows nothing.
    pub running: Option<String>,
    /// The block both are in, outermost first; empty at the top.
    pub block: String,
    /// Lines of the block that are missing with it.
    pub within: usize,
    /// Whether the line comes from the operator's extra file.
    pub is_extra: bool,
}

/// Every difference between a frr.conf and the output of `show running-config`, in the order of frr.conf; then what FRR runs
/// beside it.
///
/// Both are compared as FRR prints them: what 8.4.4 and 10.3 drop, sort, complete or spell otherwise is no difference. Takes
/// time in proportion to the lines.
pub fn differences(conf: &str, running: &str) -> Vec<Difference> {
    let release = release(running);
    let unchanged = Unchanged::between(conf, running);
    let wanted = block::statements_but(conf, release, &unchanged.before);
    let found = block::statements_but(running, release, &unchanged.after);
    let is_found: HashSet<_> = found.iter().map(Statement::key).collect();
    let is_wanted: HashSet<_> = wanted.iter().map(Statement::key).collect();
    let mut beside = Beside::new(found.iter().filter(|it| !is_wanted.contains(&it.key())));
    let mut differences: Vec<Difference> = Vec::new();
    let mut gone: HashMap<&str, usize> = HashMap::default();
    let is_missing = |it: &&Statement| !is_found.contains(&it.key()) && !is_hidden(it, release);
    for statement in wanted.iter().filter(is_missing) {
        if let Some(&of) = gone.get(statement.block.as_ref()) {
            differences[of].within += 1;
            continue;
        }
        if let Some(opens) = &statement.opens {
            let _ = gone.insert(opens.as_ref(), differences.len());
        }
        differences.push(Difference {
            wanted: Some((statement.line, cover(&statement.text))),
            running: beside.take(statement).map(|it| cover(&it.text)),
            block: statement.block.to_string(),
            within: 0,
            is_extra: statement.is_extra,
        });
    }
    differences.extend(beside.left().map(|it| Difference {
        wanted: None,
        running: Some(cover(&it.text)),
        block: it.block.to_string(),
        within: 0,
        is_extra: false,
    }));
    differences
}

/// Whether FRR may run a line and not show it: ospfd 8.4 shows this one only while an area is active.
fn is_hidden(statement: &Statement, release: Option<FrrRelease>) -> bool {
    release == Some(FrrRelease::V8) && statement.text == "max-metric router-lsa administrative"
}

/// The lists and route-map entries of a frr.conf that FRR does not run yet, as lines for `vtysh -f`.
///
/// Given to FRR before anything is taken away: while a list or a map changes, it never lets less through than both the old
/// and the new one do.
pub fn additions(conf: &str, running: &str) -> String {
    let release = release(running);
    let unchanged = Unchanged::between(conf, running);
    let wanted = block::statements_but(conf, release, &unchanged.before);
    let found = block::statements_but(running, release, &unchanged.after);
    let is_found: HashSet<_> = found.iter().map(Statement::key).collect();
    let mut lists = String::new();
    let mut maps = String::new();
    let changed: HashSet<&str> = wanted
        .iter()
        .filter(|it| !is_found.contains(&it.key()))
        .filter_map(|it| it.opens.as_deref().or(Some(it.block.as_ref())))
        .collect();
    for statement in &wanted {
        if statement.is_list() && !is_found.contains(&statement.key()) {
            lists += &statement.text;
            lists.push('\n');
        }
        let entry = statement.opens.as_deref().unwrap_or(statement.block.as_ref());
        if entry.starts_with("route-map ") && changed.contains(entry) {
            maps += &statement.text;
            maps.push('\n');
        }
    }
    lists + &maps
}

/// Lines of what FRR prints in which its release stands.
const HEAD: usize = 20;

/// The release of `frr version 8.4.4`; `None` when the text does not say.
fn release(running: &str) -> Option<FrrRelease> {
    let version = running
        .lines()
        .take(HEAD)
        .find_map(|line| line.strip_prefix("frr version "))?;
    let major: u32 = version.split('.').next()?.parse().ok()?;
    Some(if major < 10 {
        FrrRelease::V8
    } else {
        FrrRelease::V10
    })
}

/// What FRR runs and frr.conf does not say, to be found by what it is about.
struct Beside<'s> {
    statements: Vec<Option<&'s Statement>>,
    about: HashMap<(&'s str, String), Vec<usize>>,
}

impl<'s> Beside<'s> {
    fn new(statements: impl Iterator<Item = &'s Statement>) -> Self {
        let statements: Vec<Option<&Statement>> = statements.map(Some).collect();
        let mut about: HashMap<_, Vec<usize>> = HashMap::default();
        // Backwards, so that the first is taken first.
        for (index, statement) in statements.iter().enumerate().rev() {
            let Some(statement) = statement else { continue };
            about
                .entry((statement.block.as_ref(), statement.subject()))
                .or_default()
                .push(index);
        }
        Self { statements, about }
    }

    fn take(&mut self, like: &'s Statement) -> Option<&'s Statement> {
        let index = self
            .about
            .get_mut(&(like.block.as_ref(), like.subject()))?
            .pop()?;
        self.statements[index].take()
    }

    fn left(&self) -> impl Iterator<Item = &'s Statement> {
        self.statements.iter().flatten().copied()
    }
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let place = |f: &mut fmt::Formatter<'_>| match self.block.as_str() {
            "" => Ok(()),
            block => write!(f, " in '{block}'"),
        };
        match (&self.wanted, &self.running) {
            (Some((line, wanted)), Some(running)) => {
                write!(f, "frr.conf:{line} says '{wanted}'")?;
                place(f)?;
                write!(f, ", FRR runs '{running}'")
            }
            (Some((line, wanted)), None) => {
                write!(f, "frr.conf:{line} '{wanted}'")?;
                place(f)?;
                match self.within {
                    0 => write!(f, " does not run"),
                    1 => write!(f, " does not run, nor does the line in it"),
                    count => write!(f, " does not run, nor do the {count} lines in it"),
                }
            }
            (None, running) => {
                write!(f, "FRR runs '{}'", running.as_deref().unwrap_or_default())?;
                place(f)?;
                write!(f, ", which frr.conf does not say")
            }
        }
    }
}

/// A line for each of the first differences, and one that counts the others.
pub fn lines(differences: &[Difference]) -> Vec<String> {
    let shown = differences.iter().take(SHOWN).map(Difference::to_string);
    let more = differences.len().saturating_sub(SHOWN);
    let rest = (more > 0).then(|| format!("and {more} more"));
    shown.chain(rest).collect()
}
