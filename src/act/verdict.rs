//! What became of the configuration, for whoever asks later: the verdict unit, `impctl status`, the login banner.

use super::file::{self, Outcome};
use super::generation::Id;
use crate::config::{Diagnostic, Severity, Sources, report};
use crate::exit::{Failure, Kind};
use crate::types::Root;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::fs;
use std::io::{self, ErrorKind};

const VERDICT: &str = "run/imp/verdict.json";
const STATUS: &str = "run/imp/status.json";
/// Shown at every login (pam_motd(8)).
const BANNER: &str = "run/motd.d/imp";

/// Whether the documents in `/persistent/config` are what runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Judgement {
    /// They are.
    Accepted,
    /// An older generation runs, or nothing does.
    Refused,
}

/// The verdict in numbers: `/run/imp/status.json`, for monitoring. Holds no line of a document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Status {
    /// Whether the documents are what runs.
    pub configuration: Judgement,
    /// The generation that runs; `null` when there is none.
    pub generation: Option<String>,
    /// How many errors the documents have.
    pub errors: usize,
    /// How many warnings.
    pub warnings: usize,
    /// What else went wrong, a line each.
    pub problems: Vec<String>,
}

impl Status {
    /// What the last run of `imp-config` left; `None` when none has ended yet.
    pub fn read(root: &Root) -> io::Result<Option<Self>> {
        read(root, STATUS)
    }

    /// Whether the documents are what runs.
    pub fn is_accepted(&self) -> bool {
        self.configuration == Judgement::Accepted
    }

    /// The verdict in a sentence.
    pub fn sentence(&self) -> String {
        let generation = self.generation.as_deref();
        match (self.configuration, generation) {
            (Judgement::Accepted, Some(id)) => {
                format!("the configuration is accepted and runs as generation {id}")
            }
            (Judgement::Accepted, None) => "the configuration is accepted".to_owned(),
            (Judgement::Refused, Some(id)) => {
                format!("the configuration is refused; the last good generation {id} runs instead")
            }
            (Judgement::Refused, None) => "the configuration is refused and there is no good generation: \
                the dataplane stays down, management is by DHCP"
                .to_owned(),
        }
    }
}

/// The verdict with every finding: `/run/imp/verdict.json`, for root.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Verdict {
    /// The numbers.
    #[serde(flatten)]
    pub status: Status,
    /// The findings as people read them.
    pub report: String,
}

impl Verdict {
    /// The verdict on documents with these findings, when this generation runs.
    pub fn new(
        configuration: Judgement,
        generation: Option<&Id>,
        diagnostics: &[Diagnostic],
        sources: &Sources,
        problems: Vec<String>,
    ) -> Self {
        let count = |severity| diagnostics.iter().filter(|d| d.severity == severity).count();
        Self {
            status: Status {
                configuration,
                generation: generation.map(ToString::to_string),
                errors: count(Severity::Error),
                warnings: count(Severity::Warning),
                problems,
            },
            report: report::text(diagnostics, sources, false),
        }
    }

    /// What the last run of `imp-config` left; `None` when none has ended yet.
    pub fn read(root: &Root) -> io::Result<Option<Self>> {
        read(root, VERDICT)
    }

    /// The verdict is where it is looked for, and whoever logs in is told when it is a bad one.
    pub fn write(&self, root: &Root) -> io::Result<Outcome> {
        let banner = match self.status.configuration {
            Judgement::Accepted => file::remove(&root.join(BANNER))?,
            Judgement::Refused => file::write(&root.join(BANNER), self.banner().as_bytes(), 0o644)?,
        };
        let status = file::write(&root.join(STATUS), &json(&self.status)?, 0o644)?;
        // Last: it is what says that the run ended.
        let verdict = file::write(&root.join(VERDICT), &json(self)?, 0o600)?;
        Ok(banner.or(status).or(verdict))
    }

    /// Success when the documents run and nothing else went wrong.
    pub fn result(&self) -> Result<(), Failure> {
        match self.status.configuration {
            Judgement::Refused => Err(Failure::new(Kind::Config, self.text())),
            Judgement::Accepted if self.status.problems.is_empty() => Ok(()),
            Judgement::Accepted => Err(Failure::new(Kind::Failed, self.status.problems.join("\n"))),
        }
    }

    /// The verdict in a sentence, then the findings.
    pub fn text(&self) -> String {
        let mut text = self.status.sentence();
        for problem in &self.status.problems {
            text.push('\n');
            text.push_str(problem);
        }
        if !self.report.is_empty() {
            text.push_str("\n\n");
            text.push_str(self.report.trim_end());
        }
        text
    }

    fn banner(&self) -> String {
        format!(
            "\n*** imp: {}.\n*** `impctl check` shows what is wrong; `systemctl reload imp-config` applies what is corrected.\n\n",
            self.status.sentence()
        )
    }
}

fn read<T: DeserializeOwned>(root: &Root, path: &str) -> io::Result<Option<T>> {
    match fs::read(root.join(path)) {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        text => Ok(Some(serde_json::from_slice(&text?)?)),
    }
}

fn json(value: &impl Serialize) -> io::Result<Vec<u8>> {
    let mut text = serde_json::to_vec_pretty(value)?;
    text.push(b'\n');
    Ok(text)
}
