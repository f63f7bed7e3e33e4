//! The verdict on the configuration, for the verdict unit, `impctl status` and the login banner.

use crate::config::{Diagnostic, Severity, Sources, report};
use crate::exit::{Failure, Kind};
use crate::facts::status::{Judgement, STATUS, Status};
use crate::host::file::{self, Effect};
use crate::host::json;
use crate::types::Root;
use crate::types::generation::Id;
use serde::{Deserialize, Serialize};
use std::io;

const VERDICT: &str = "run/imp/verdict.json";
/// Shown at every login (pam_motd(8)).
const BANNER: &str = "run/motd.d/imp";

/// The verdict with every finding: `/run/imp/verdict.json`, for root.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConfigVerdict {
    /// The summary.
    #[serde(flatten)]
    pub status: Status,
    /// The findings as people read them.
    pub report: String,
}

impl ConfigVerdict {
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

    /// The verdict of the last run of `imp-config`; `None` before the first one has finished.
    pub fn read(root: &Root) -> io::Result<Option<Self>> {
        json::read(&root.join(VERDICT))
    }

    /// Writes the verdict, and a login banner if it is a bad one.
    pub fn write(&self, root: &Root) -> io::Result<Effect> {
        let banner = match self.status.configuration {
            Judgement::Accepted => file::remove(&root.join(BANNER))?,
            Judgement::Refused => file::write(&root.join(BANNER), self.banner().as_bytes(), 0o644)?,
        };
        let status = json::write(&root.join(STATUS), &self.status, 0o644)?;
        // Last: it is what says that the run ended.
        let verdict = json::write(&root.join(VERDICT), self, 0o600)?;
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
