//! A folder that may become what the router runs: read, checked, rendered, and shown to FRR.

use super::generation::{self, Tree};
use crate::act::frr::{self, Opinion};
use crate::config::code::{E0112, E0406};
use crate::config::{self, Diagnostic, Folder, Model, Sources};
use crate::host::paths::FRR_CONF;
use crate::render::{self, Bindings, Everything};
use crate::types::generation::Id;
use std::cell::OnceCell;
use std::panic::AssertUnwindSafe;
use std::path::Path;

/// What a folder turned out to be.
#[derive(Debug)]
pub struct Candidate {
    /// What can run; `None` when anything refused it.
    pub ready: Option<Ready>,
    /// Every finding.
    pub diagnostics: Vec<Diagnostic>,
    /// The texts they point into.
    pub sources: Sources,
    /// What could not be found out, a line each.
    pub problems: Vec<String>,
}

/// A configuration that may run.
#[derive(Debug)]
pub struct Ready {
    /// Every file that was read.
    pub tree: Tree,
    /// What it means.
    pub model: Model,
    /// What it renders to without knowing the machine.
    pub rendered: Everything,
    id: OnceCell<Id>,
}

impl Ready {
    /// The generation it is.
    pub fn id(&self) -> Id {
        self.id.get_or_init(|| generation::id_of(&self.tree)).clone()
    }

    /// Whether FRR gets lines that are not ours.
    pub fn has_own_frr_lines(&self) -> bool {
        let templates = self.model.templates.keys();
        self.model.frr_extra.is_some() || templates.into_iter().any(|path| path.starts_with("frr/"))
    }
}

impl Candidate {
    /// Reads, checks and renders a folder; nothing is written. FRR is not asked.
    ///
    /// A fault of this program while it reads refuses the folder like any error in it: the last good generation boots.
    pub fn examine(path: &Path) -> Self {
        guarded(|| Self::read(path))
    }

    fn read(path: &Path) -> Self {
        let folder = Folder::new(path);
        let parsed = config::parse(&folder);
        let mut candidate = Self {
            ready: None,
            diagnostics: parsed.diagnostics,
            sources: parsed.sources,
            problems: Vec::new(),
        };
        candidate.ready = parsed.model.and_then(|model| {
            let rendered = candidate.render(&model)?;
            let tree = folder.read_files();
            Some(Ready {
                tree,
                model,
                rendered,
                id: OnceCell::new(),
            })
        });
        candidate
    }

    fn render(&mut self, model: &Model) -> Option<Everything> {
        self.diagnostics.extend(render::warnings(model));
        let rendered = render::everything(model, &Bindings::as_written(model));
        rendered.map_err(|error| self.diagnostics.push(error.into())).ok()
    }

    /// What FRR refuses is not ready either. That it cannot be asked is a problem and refuses nothing.
    #[must_use]
    pub fn ask_frr(mut self) -> Self {
        let files = self.ready.iter().flat_map(|ready| &ready.rendered.files);
        let conf = files
            .into_iter()
            .find(|file| Path::new("/").join(&file.path) == Path::new(FRR_CONF));
        match conf.map_or(Ok(Opinion::Accepted), |conf| frr::check(&conf.text)) {
            Ok(Opinion::Accepted) => {}
            Ok(Opinion::Refused(lines)) => {
                self.diagnostics.extend(lines.iter().map(|line| refusal(line)));
                self.ready = None;
            }
            Err(error) => self.problems.push(format!("frr.conf is unchecked: {error}")),
        }
        self
    }
}

/// What the work makes of a folder; a panic in it is a refusal that says so.
fn guarded(work: impl FnOnce() -> Candidate) -> Candidate {
    std::panic::catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|_| Candidate {
        ready: None,
        diagnostics: vec![
            Diagnostic::nowhere(
                E0112,
                "imp-config met a fault of its own while reading the documents",
            )
            .hint("take back the last change and send it in; the words of the fault are in the journal"),
        ],
        sources: Sources::default(),
        problems: Vec::new(),
    })
}

fn refusal(line: &str) -> Diagnostic {
    Diagnostic::nowhere(E0406, format!("FRR refuses frr.conf, {line}"))
        .hint("only [frr] extra-file and templates/frr can write a line that FRR does not know")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_while_reading_refuses_the_folder() {
        let candidate = guarded(|| panic!("a fault for this test"));
        assert!(candidate.ready.is_none());
        assert_eq!(candidate.diagnostics[0].code, E0112);
    }
}
