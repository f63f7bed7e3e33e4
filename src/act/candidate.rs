//! A folder that may become what the router runs: read, checked, rendered, and shown to FRR.

use super::frr::{self, Opinion};
use super::generation::{Id, Tree};
use crate::config::code::E0406;
use crate::config::{self, Diagnostic, Folder, Model, Sources};
use crate::render::{self, Bindings, Everything};
use std::cell::OnceCell;
use std::path::Path;

const FRR_CONF: &str = "run/imp/frr/frr.conf";

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
        self.id.get_or_init(|| Id::of(&self.tree)).clone()
    }

    /// Whether FRR gets lines that are not ours.
    pub fn has_own_frr_lines(&self) -> bool {
        let templates = self.model.templates.keys();
        self.model.frr_extra.is_some() || templates.into_iter().any(|path| path.starts_with("frr/"))
    }
}

impl Candidate {
    /// Reads, checks and renders a folder; nothing is written. FRR is not asked.
    pub fn examine(path: &Path) -> Self {
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
        let conf = files.into_iter().find(|file| file.path == FRR_CONF);
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

fn refusal(line: &str) -> Diagnostic {
    Diagnostic::nowhere(E0406, format!("FRR refuses frr.conf, {line}"))
        .hint("only [frr] extra-file and templates/frr can write a line that FRR does not know")
}
