//! Whether VPP has carried out a command that was sent, and whose answer nobody waited for. Pure.

use super::statement::Evidence;
use super::{Fact, Step, shown};

/// How to find out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Doubt {
    /// Nothing is lost by taking it as carried out: it sets a value, and taking it back sets the value before.
    None,
    /// VPP's answer to this question tells.
    Ask {
        /// The `show` command.
        question: String,
        /// What to look for in the answer.
        sign: Sign,
        /// Whether the command makes it, or takes it away.
        makes: bool,
    },
    /// No answer tells.
    Unknown,
}

/// Something an answer shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Sign {
    /// This fact.
    Fact(Fact),
    /// Any fact about this subject.
    Subject(String),
    /// An ACL of this tag.
    Tag(String),
    /// A line that begins with these words.
    Words(Vec<String>),
    /// A line that has all these words.
    Line(Vec<String>),
}

impl Doubt {
    /// About this step. Of what it does, the first thing is the one its command names.
    pub fn about(step: &Step) -> Self {
        let (statement, makes) = match (step.gone.first(), step.made.first()) {
            (None, None) => return Self::None,
            (Some(gone), Some(made)) if gone.subject() == made.subject() => return Self::None,
            (_, Some(made)) => (made, true),
            (Some(gone), None) => (gone, false),
        };
        let (question, sign, makes) = match statement.evidence() {
            Evidence::Value => return Self::None,
            Evidence::Unknown => return Self::Unknown,
            Evidence::Shows { question, sign } => (question, sign, makes),
            Evidence::Hides { question, sign } => (question, sign, !makes),
        };
        Self::Ask {
            question,
            sign,
            makes,
        }
    }
}

impl Sign {
    /// Whether the answer shows it.
    pub fn is_in(&self, question: &str, answer: &str) -> bool {
        let facts = || shown(question, answer);
        match self {
            Self::Fact(fact) => facts().contains(fact),
            Self::Subject(subject) => facts().iter().any(|fact| fact.subject() == *subject),
            Self::Tag(tag) => facts()
                .iter()
                .any(|fact| matches!(fact, Fact::Acl(_, of, _) if of == tag)),
            Self::Words(words) => answer.lines().any(|line| {
                line.split_whitespace()
                    .take(words.len())
                    .eq(words.iter().map(String::as_str))
            }),
            Self::Line(words) => answer.lines().any(|line| {
                words
                    .iter()
                    .all(|word| line.split_whitespace().any(|of| of == word))
            }),
        }
    }
}
