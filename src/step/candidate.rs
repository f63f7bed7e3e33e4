//! A configuration folder, read, checked and rendered, and checked by FRR where needed.

use super::generation::{self, Tree};
use crate::config::code::{E0112, E0406};
use crate::config::{self, Diagnostic, Folder, Model, Sources};
use crate::exit::{Failure, Kind};
use crate::facts::frr::{self, Opinion};
use crate::host::paths::{FRR_CONF, relative};
use crate::render::frr::{EXTRA, Frr, bfd, module, release};
use crate::render::{self, Bindings, Everything};
use crate::types::generation::Id;
use std::cell::OnceCell;
use std::panic::AssertUnwindSafe;
use std::path::Path;
use std::sync::Arc;

/// The result of reading a folder.
#[derive(Debug)]
pub struct Candidate {
    /// What can run; `None` when anything refused it.
    pub ready: Option<Ready>,
    /// Every finding.
    pub diagnostics: Vec<Diagnostic>,
    /// The texts they point into.
    pub sources: Sources,
    /// Checks that could not be made, a line each.
    pub problems: Vec<String>,
}

/// A configuration that may run.
#[derive(Debug)]
pub struct Ready {
    /// Every file that was read; shared with whoever keeps it while it runs already.
    pub tree: Arc<Tree>,
    /// What it means.
    pub model: Model,
    /// What it renders to without knowing the machine.
    pub rendered: Everything,
    /// Whether [`Candidate::ask_frr`] found nothing wrong; false when FRR could not be asked.
    pub frr_is_asked: bool,
    id: OnceCell<Id>,
}

impl Ready {
    /// The generation it is.
    pub fn id(&self) -> Id {
        self.id.get_or_init(|| generation::id_of(&self.tree)).clone()
    }

    /// The text of frr.conf; none when nothing is for FRR.
    pub fn frr_conf(&self) -> Option<&str> {
        frr_conf(&self.rendered)
    }

    /// The line of the extra file that FRR's words `line 42: …` are about; none when it is about another part of frr.conf.
    fn extra_line(&self, words: &str) -> Option<usize> {
        let number = words.strip_prefix("line ")?.split(':').next()?;
        let number: usize = number.parse().ok()?;
        let (ours, extra) = self.frr_conf()?.split_once(EXTRA)?;
        // The comment above the extra lines is one more.
        let line = number.checked_sub(ours.lines().count() + 1)?;
        (1..=extra.lines().count()).contains(&line).then_some(line)
    }

    /// The lines of frr.conf that are not ours by construction, and how many of ours come before them; none when all are.
    fn foreign_frr_lines(&self) -> Option<(usize, &str)> {
        let conf = self.frr_conf()?;
        let templates = self.model.templates.keys();
        if templates.into_iter().any(|path| path.starts_with("frr/")) {
            return Some((0, conf));
        }
        self.model.frr_extra.as_ref()?;
        let begin = conf.find(EXTRA).map_or(0, |begin| begin + 1);
        let (ours, foreign) = conf.split_at(begin);
        Some((ours.lines().count(), foreign))
    }
}

impl Candidate {
    /// Reads, checks and renders a folder for a machine with this FRR; nothing is written. FRR is not asked.
    ///
    /// A panic while reading refuses the folder like any error in it: the last good generation boots.
    pub fn examine(path: &Path, frr: &Frr) -> Self {
        guarded(|| Self::read(path, frr))
    }

    /// A folder whose examination had no end or found no answer: refused, and nothing of it is known.
    pub fn without_answer(how: &str) -> Self {
        Self {
            ready: None,
            diagnostics: vec![
                Diagnostic::nowhere(E0112, format!("the documents could not be examined: {how}"))
                    .hint("a template that loops, nests or grows without end does this, or a file of the wrong kind"),
            ],
            sources: Sources::default(),
            problems: Vec::new(),
        }
    }

    fn read(path: &Path, frr: &Frr) -> Self {
        let folder = Folder::new(path);
        let parsed = config::parse(&folder);
        let mut candidate = Self {
            ready: None,
            diagnostics: parsed.diagnostics,
            sources: parsed.sources,
            problems: Vec::new(),
        };
        candidate.ready = parsed.model.and_then(|model| {
            let rendered = candidate.render(&model, frr)?;
            let tree = Arc::new(folder.read_files());
            Some(Ready {
                tree,
                model,
                rendered,
                frr_is_asked: false,
                id: OnceCell::new(),
            })
        });
        candidate
    }

    fn render(&mut self, model: &Model, frr: &Frr) -> Option<Everything> {
        self.diagnostics.extend(render::warnings(model));
        let bindings = Bindings {
            frr: frr.clone(),
            ..Bindings::as_written(model)
        };
        let rendered = match render::everything(model, &bindings) {
            Ok(rendered) => rendered,
            Err(error) => {
                self.diagnostics.push(error.into());
                return None;
            }
        };
        let refusals = release::refusals(model, frr.release);
        let is_refused = !refusals.is_empty();
        self.diagnostics.extend(refusals);
        if is_refused {
            return None;
        }
        self.diagnostics.extend(bfd::warning(model, frr.release));
        self.diagnostics.extend(module::warnings(model, &frr.lacks));
        self.diagnostics.extend(rendered.frr_load.warning(frr.release));
        Some(rendered)
    }

    /// Has FRR check the lines that are not ours, if there are any. A candidate that FRR refuses is not ready. If FRR cannot
    /// be asked, that is a problem but not a refusal.
    #[must_use]
    pub fn ask_frr(mut self) -> Self {
        let asked = self.ready.as_ref().and_then(Ready::foreign_frr_lines);
        let opinion = asked.map_or(Ok(Opinion::Accepted), |(before, lines)| frr::ask(lines, before));
        match opinion {
            Ok(Opinion::Accepted) => {
                if let Some(ready) = &mut self.ready {
                    ready.frr_is_asked = true;
                }
            }
            Ok(Opinion::Refused(lines)) => {
                let ready = self.ready.take();
                let refusals = lines.iter().map(|line| refusal(line, ready.as_ref()));
                self.diagnostics.extend(refusals);
            }
            Err(error) => {
                let words = Failure::from_error(Kind::Failed, &error);
                self.problems.push(format!("frr.conf is unchecked: {words}"));
            }
        }
        self
    }
}

fn frr_conf(rendered: &Everything) -> Option<&str> {
    let path = relative(FRR_CONF);
    let conf = rendered.files.iter().find(|file| file.path == path);
    conf.map(|conf| conf.text.as_str())
}

/// Turns a panic into a refusal that says so.
fn guarded(work: impl FnOnce() -> Candidate) -> Candidate {
    std::panic::catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|_| Candidate {
        ready: None,
        diagnostics: vec![
            Diagnostic::nowhere(
                E0112,
                "imp-config hit an internal error while reading the documents",
            )
            .hint("revert the last change and report it; the journal has the details"),
        ],
        sources: Sources::default(),
        problems: Vec::new(),
    })
}

/// FRR's words about a line of frr.conf, at the place in the documents that the line is from.
fn refusal(words: &str, ready: Option<&Ready>) -> Diagnostic {
    let message = format!("FRR refuses frr.conf, {words}");
    let extra = ready.and_then(|ready| Some((ready, ready.model.frr_extra.as_ref()?)));
    let refusal = match extra.and_then(|(ready, extra)| Some((extra, ready.extra_line(words)?))) {
        Some((extra, line)) => {
            Diagnostic::error(E0406, extra.place, message).label(format!("{}:{line} is the line", extra.path))
        }
        None => Diagnostic::nowhere(E0406, message),
    };
    refusal.hint("only [frr] extra-file and templates/frr can write a line that FRR does not know")
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::types::{BgpModule, FrrRelease};

    fn ready(document: &str, files: &[(&str, &str)]) -> Ready {
        let folder = tempfile::tempdir().unwrap();
        for (path, text) in files.iter().chain(&[("imp.toml", document)]) {
            let path = folder.path().join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }
        let candidate = Candidate::examine(folder.path(), &Frr::default());
        let report = config::report::text(&candidate.diagnostics, &candidate.sources, false);
        candidate.ready.unwrap_or_else(|| panic!("{report}"))
    }

    const DOCUMENT: &str = "config-version = 1\n[system]\nhostname = \"edge1\"\n";

    #[test]
    fn frr_is_asked_about_no_line_of_ours() {
        let ready = ready(DOCUMENT, &[]);
        assert!(ready.frr_conf().unwrap().contains("hostname edge1"));
        assert_eq!(ready.foreign_frr_lines(), None);
    }

    #[test]
    fn frr_is_asked_about_an_extra_file_alone() {
        let document = format!("{DOCUMENT}[frr]\nextra-file = \"extra.conf\"\n");
        let ready = ready(&document, &[("extra.conf", "router rip\n network eth0\n")]);
        let (before, lines) = ready.foreign_frr_lines().unwrap();
        assert!(!lines.contains("hostname edge1") && lines.contains("router rip\n network eth0\n"));
        let whole: Vec<&str> = ready.frr_conf().unwrap().lines().collect();
        assert_eq!(whole[before], lines.lines().next().unwrap());
    }

    #[test]
    fn bgpd_is_started_without_a_module_that_is_not_there() {
        let document = format!("{DOCUMENT}[frr]\nextra-file = \"extra.conf\"\n");
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("imp.toml"), document).unwrap();
        let extra = "rpki\n rpki cache 192.0.2.1 3323 preference 1\nexit\n";
        std::fs::write(folder.path().join("extra.conf"), extra).unwrap();
        let with = |lacks: &[BgpModule]| {
            let frr = Frr {
                lacks: lacks.iter().copied().collect(),
                ..Frr::default()
            };
            let found = Candidate::examine(folder.path(), &frr);
            let ready = found.ready.unwrap();
            let files = &ready.rendered.files;
            let daemons = files
                .iter()
                .find(|file| file.path.ends_with("frr/daemons"))
                .unwrap();
            let said = found
                .diagnostics
                .iter()
                .map(|it| it.code.to_string())
                .collect::<Vec<_>>();
            (
                daemons.text.contains("-M rpki"),
                said.contains(&"E0408".to_owned()),
            )
        };
        assert_eq!(with(&[]), (true, false));
        assert_eq!(with(&[BgpModule::Bmp]), (true, false));
        assert_eq!(with(&[BgpModule::Rpki]), (false, true));
    }

    #[test]
    fn what_one_release_takes_and_does_not_do_is_refused_there() {
        let document = format!(
            "{DOCUMENT}[vpp.core]\nmain-core = 1\n[loopbacks.lo0]\naddresses = [\"192.0.2.1/32\"]\n\
             [bgp]\nasn = 64500\n[bgp.neighbors.\"192.0.2.9\"]\nremote-as = 64496\nebgp-multihop = 2\n\
             route-map = {{ in = \"IN\", out = \"IN\" }}\n\
             [[route-maps.IN]]\naction = \"permit\"\nmatch = {{ source-protocol = \"static\" }}\n"
        );
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("imp.toml"), document).unwrap();
        let examined = |release| {
            let frr = Frr {
                release,
                ..Frr::default()
            };
            let found = Candidate::examine(folder.path(), &frr);
            let is_said = found
                .diagnostics
                .iter()
                .any(|it| it.code == crate::config::code::E0712);
            (found.ready.is_some(), is_said)
        };
        assert_eq!(examined(FrrRelease::V8), (false, true));
        assert_eq!(examined(FrrRelease::V10), (true, false));
    }

    #[test]
    fn what_takes_frr_long_is_said() {
        let document = format!("{DOCUMENT}[prefix-lists]\nLONG = {{ file = \"long.txt\" }}\n");
        // One whose members permit and deny in turn stays in one piece.
        let members: String = (0..2_500)
            .map(|n| {
                let action = if n % 2 == 0 { "permit" } else { "deny" };
                format!("{action} 10.{}.{}.0/24\n", n / 256, n % 256)
            })
            .collect();
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("imp.toml"), document).unwrap();
        std::fs::write(folder.path().join("long.txt"), members).unwrap();
        let said = |release| {
            let frr = Frr {
                release,
                ..Frr::default()
            };
            let found = Candidate::examine(folder.path(), &frr).diagnostics;
            let mut slow = found
                .into_iter()
                .filter(|it| it.code == crate::config::code::E0407);
            slow.next().map(|it| it.message)
        };
        let expected = "FRR 8.4 loads this configuration in about 35 seconds";
        assert_eq!(said(FrrRelease::V8).as_deref(), Some(expected));
        assert_eq!(said(FrrRelease::V10), None);
    }

    #[test]
    fn a_refused_line_is_shown_where_it_is_from() {
        let document = format!("{DOCUMENT}[frr]\nextra-file = \"extra.conf\"\n");
        let ready = ready(&document, &[("extra.conf", "router rip\n netwrk eth0\n")]);
        let mut lines = ready.frr_conf().unwrap().lines();
        let number = 1 + lines.position(|line| line == " netwrk eth0").unwrap();
        let words = format!("line {number}: % Unknown command[4]:  netwrk eth0");
        let (place, label) = refusal(&words, Some(&ready)).place.unwrap();
        assert_eq!(label, "extra.conf:2 is the line");
        let named = document.find("\"extra.conf").unwrap();
        assert_eq!(place.start as usize % document.len(), named % document.len());
        assert!(
            refusal("line 2: % Unknown command[4]: x", Some(&ready))
                .place
                .is_none()
        );
    }

    #[test]
    fn frr_is_asked_about_everything_a_template_of_the_operator_wrote() {
        let files = [("templates/frr/frr.conf.j2", "hostname {{ hostname }}\n")];
        let ready = ready(DOCUMENT, &files);
        assert_eq!(ready.foreign_frr_lines(), Some((0, ready.frr_conf().unwrap())));
    }

    #[test]
    fn a_fault_while_reading_refuses_the_folder() {
        let candidate = guarded(|| panic!("a fault for this test"));
        assert!(candidate.ready.is_none());
        assert_eq!(candidate.diagnostics[0].code, E0112);
    }
}
