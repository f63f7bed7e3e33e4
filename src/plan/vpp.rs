//! What a VPP instance is told, command by command, and how to read what it answers. Pure.
//!
//! The rendered file is a plain list that `vppctl exec` takes as well; what it says beyond VPP's own words stands in
//! comments (`# at FILE:LINE`, the origin of the commands below it) and in the two marker lines.

mod fact;
mod rule;
mod shown;
mod wanted;

pub use fact::{Fact, Path};
pub use rule::Rule;
pub use shown::shown;
pub use wanted::{Check, checks, missing};

pub use crate::render::{APPLIED, BEGIN};
const ORIGIN: &str = "# at ";
/// The longest line, in bytes. VPP 25.06 took 2,000 rules in one line of 79 KB; nothing we render comes near the limit.
const LONGEST: usize = 1 << 20;

/// One command, and the place in the configuration it comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Command {
    /// `FILE:LINE` of the TOML, when the rendered file names one.
    pub origin: Option<String>,
    /// The words VPP gets.
    pub text: String,
}

/// A commands file: what is between the markers, and the digest they carry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Script {
    /// What identifies this configuration of this instance.
    pub digest: String,
    /// The commands in order, without the markers.
    pub commands: Vec<Command>,
}

/// Why a text is not a commands file.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ScriptError {
    /// The first command is another one.
    #[error("the first command is not '{BEGIN}DIGEST'")]
    NoBegin,
    /// The last command is another one, or carries another digest.
    #[error("the last command is not '{APPLIED}{0}'")]
    NoEnd(String),
    /// VPP would read something else than what stands there.
    #[error("line {0} holds a control character or more than {LONGEST} bytes")]
    Line(usize),
}

/// Reads a commands file; blank lines and comments carry nothing but origins.
pub fn parse(text: &str) -> Result<Script, ScriptError> {
    let mut origin = None;
    let mut commands = Vec::new();
    for (number, line) in (1..).zip(text.lines()) {
        let line = line.trim();
        if line.len() > LONGEST || line.chars().any(|c| c.is_control() && c != '\t') {
            return Err(ScriptError::Line(number));
        }
        if let Some(place) = line.strip_prefix(ORIGIN) {
            origin = Some(place.trim().to_owned());
        } else if !line.is_empty() && !line.starts_with('#') {
            commands.push(Command {
                origin: origin.clone(),
                text: line.to_owned(),
            });
        }
    }
    let digest = match commands.first().and_then(|c| c.text.strip_prefix(BEGIN)) {
        Some(digest) if is_digest(digest) => digest.to_owned(),
        _ => return Err(ScriptError::NoBegin),
    };
    match commands.last().and_then(|c| c.text.strip_prefix(APPLIED)) {
        Some(end) if end == digest => {}
        _ => return Err(ScriptError::NoEnd(digest)),
    }
    commands.pop();
    commands.remove(0);
    Ok(Script { digest, commands })
}

fn is_digest(text: &str) -> bool {
    (1..=64).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphanumeric())
}

impl Command {
    /// Whether VPP did what was asked, going by the text it answered with status 0.
    ///
    /// VPP reports several failures only as text, and `set acl-plugin` loses every error: any unexpected text is a refusal,
    /// and so is a new ACL without its `ACL index:N`.
    pub fn is_confirmed_by(&self, answer: &str) -> bool {
        let answer = answer.trim();
        let starts = |words: &str| self.text.starts_with(words);
        if starts("set acl-plugin acl ") {
            return answer
                .strip_prefix("ACL index:")
                .is_some_and(|n| n.parse::<u32>().is_ok());
        }
        answer.is_empty()
            || starts("show ")
            || starts("delete acl-plugin acl ") && answer.starts_with("Deleted acl:")
            || starts("lcp default netns ") && answer.starts_with("lcp set default netns ")
            // The names of the interfaces that were made, one a line.
            || starts("create ") && answer.lines().all(|line| !line.trim().contains(char::is_whitespace))
    }
}
