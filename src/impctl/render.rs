//! `impctl render`: writes every file a configuration makes, on any machine.

use super::{check, out};
use crate::config::report;
use crate::exit::{Failure, Kind};
use crate::facts;
use crate::host::file;
use crate::host::paths::{CONFIG, PLAN, relative};
use crate::plan::{output, unit};
use crate::render::{self, Bindings, Rendered};
use crate::step::candidate::Ready;
use crate::types::Root;
use std::path::Path;

/// Writes every file below the output directory, prints their paths, and warns about placeholders and what was left out.
///
/// Exit code 78 when the configuration is refused, 77 when a file of it is not for whoever asks; nothing is written then.
pub fn run(root: &Root, output: &Path, bindings: Option<&Path>) -> Result<(), Failure> {
    let folder = root.join(CONFIG);
    check::readable(&folder, "render")?;
    let candidate = check::examine(root, &folder);
    let report = report::text(&candidate.diagnostics, &candidate.sources, false);
    let Some(ready) = candidate.ready else {
        let text = format!(
            "the configuration is refused and nothing is written\n\n{}",
            report.trim_end()
        );
        return Err(Failure::new(Kind::Config, text));
    };
    if !report.is_empty() {
        tracing::info!("{}", report.trim_end());
    }
    let files = files(root, ready, bindings)?;
    for file in &files {
        let path = Root::new(output).join(&file.path);
        let _ = file::write(&path, file.text.as_bytes(), file.mode)
            .map_err(|error| Failure::new(Kind::Failed, format!("{}: {error}", path.display())))?;
    }
    let listing: String = files.iter().map(|file| format!("{}\n", file.path)).collect();
    out::print(&listing)
}

/// The rendered files, the units of VPP instances beyond core and nat, and the plan.
fn files(root: &Root, ready: Ready, bindings: Option<&Path>) -> Result<Vec<Rendered>, Failure> {
    let everything = match bindings {
        Some(path) => {
            let bindings = Bindings {
                frr: facts::frr::machine(root),
                ..read_bindings(path)?
            };
            render::everything(&ready.model, &bindings)
                .map_err(|error| Failure::from_error(Kind::Config, &error))?
        }
        None => ready.rendered,
    };
    for notice in everything.left_out.iter().chain(&everything.placeholders) {
        tracing::warn!("{notice}");
    }
    let mut files = everything.files;
    files.extend(unit::unseen(ready.model.instances.keys(), &[]));
    let plan = output::write(files.clone()).to_json();
    files.push(Rendered {
        path: relative(PLAN).to_owned(),
        mode: 0o644,
        text: plan,
    });
    Ok(files)
}

fn read_bindings(path: &Path) -> Result<Bindings, Failure> {
    let failed = |problem: &str| Failure::new(Kind::Failed, format!("{}: {problem}", path.display()));
    match facts::bindings::read(path) {
        Ok(Some(bindings)) => Ok(bindings),
        Ok(None) => Err(failed("no such file")),
        Err(error) => Err(failed(&error.to_string())),
    }
}
