//! Templates to text. An undefined value is an error, and every value passes the formatter of the target's grammar.

use super::RenderError;
use super::grammar::Grammar;
use crate::config::code::{E0401, E0402};
use crate::config::{Diagnostic, Model};
use minijinja::syntax::SyntaxConfig;
use minijinja::value::{Enumerator, Object, ObjectRepr, Serde, ValueKind};
use minijinja::{AutoEscape, Environment, Error, ErrorKind, Output, State, UndefinedBehavior, Value};
use serde::Serialize;
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, LazyLock};

/// One template of the package.
#[derive(Debug, Clone, Copy)]
pub struct Template {
    /// Its path below `templates/`, and of an override below `/persistent/config/templates/`.
    pub path: &'static str,
    grammar: Grammar,
    text: &'static str,
}

macro_rules! templates {
    ($($path:literal $grammar:ident,)+) => {
        /// Every template of the package.
        pub const TEMPLATES: &[Template] = &[$(Template {
            path: $path,
            grammar: Grammar::$grammar,
            text: include_str!(concat!("../../templates/", $path)),
        }),+];
    };
}
templates! {
    "chrony/imp.sources.j2" Plain,
    "etc/hosts.j2" Plain,
    "etc/resolv.conf.j2" Plain,
    "frr/daemons.j2" Plain,
    "frr/frr.conf.j2" Frr,
    "frr/vtysh.conf.j2" Frr,
    "incus/preseed.yaml.j2" Yaml,
    "nftables.conf.j2" Nftables,
    "prometheus/frr-exporter.env.j2" Line,
    "prometheus/node-exporter.env.j2" Line,
    "rsyslog/imp.conf.j2" Plain,
    "sflow/hsflowd.conf.j2" Line,
    "snmp/snmpd.conf.j2" Line,
    "systemd/management.network.j2" Ini,
    "systemd/timesyncd.conf.j2" Ini,
    "systemd/unmanaged.network.j2" Ini,
    "vpp/commands.j2" VppCommands,
    "vpp/startup.conf.j2" VppStartup,
}

/// Free text, for where the target reads the rest of the line.
pub(super) struct Phrase(String);

impl fmt::Debug for Phrase {
    /// Without the text: it may be a password.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Phrase(…)")
    }
}

impl Phrase {
    /// The text with each run of blanks as one, which is what FRR makes of it.
    pub(super) fn value(text: &str) -> Value {
        let text = text.split_ascii_whitespace().collect::<Vec<_>>().join(" ");
        Value::from_object(Self(text))
    }
}

impl Object for Phrase {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Plain
    }

    fn render(self: &Arc<Self>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Lines that were checked when they were created: the formatter writes them as they are, and a template can iterate over them.
///
/// 250,000 prefix-list entries as template values would cost more than all the rest of a boot.
#[derive(Debug)]
pub(super) struct Block(String);

impl Block {
    /// Lines made of parsed values, each ending in a newline; false in a template when there are none.
    pub(super) fn value(text: String) -> Value {
        Value::from_object(Self(text))
    }
}

impl Object for Block {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Iterable
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        let lines: Vec<_> = self.0.lines().map(Phrase::value).collect();
        Enumerator::Values(lines)
    }

    fn is_true(self: &Arc<Self>) -> bool {
        !self.0.is_empty()
    }

    fn render(self: &Arc<Self>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The package's own templates. Each is compiled once per process, when it is first rendered: for a small
/// configuration, compiling is most of the work.
static PACKAGE: LazyLock<Environment<'static>> = LazyLock::new(|| {
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_debug(false);
    environment.set_auto_reload(false);
    environment.set_syntax(syntax());
    environment.set_auto_escape_callback(grammar_of);
    environment.set_formatter(write_value);
    environment.set_loader(|path| Ok(of_package(path).map(|template| template.text)));
    environment
});

fn of_package(path: &str) -> Option<&'static Template> {
    TEMPLATES.iter().find(|template| template.path == path)
}

/// The templates a machine is rendered with: the package's, each replaced by the operator's of the same path.
#[derive(Debug)]
pub(super) struct Engine<'model> {
    environment: Cow<'static, Environment<'static>>,
    overrides: &'model BTreeMap<String, String>,
}

impl<'model> Engine<'model> {
    /// Compiles the operator's templates below a folder (`""` for all), so that an error in one is found even where no
    /// file is made from it.
    pub(super) fn new(
        overrides: &'model BTreeMap<String, String>,
        folder: &str,
    ) -> Result<Self, RenderError> {
        let mut engine = Self {
            environment: Cow::Borrowed(&PACKAGE),
            overrides,
        };
        let known = |(path, _): &(&String, &String)| of_package(path).is_some();
        let overrides = overrides.iter().filter(known);
        let overrides: BTreeMap<String, String> = overrides
            .map(|(path, text)| (path.clone(), text.clone()))
            .collect();
        if overrides.is_empty() {
            return Ok(engine);
        }
        let paths: Vec<String> = overrides.keys().cloned().collect();
        let environment = engine.environment.to_mut();
        environment.clear_templates();
        environment.set_loader(move |path| {
            let package = of_package(path).map(|template| template.text);
            Ok(overrides
                .get(path)
                .map(String::as_str)
                .or(package)
                .map(str::to_owned))
        });
        for path in paths.iter().filter(|path| path.starts_with(folder)) {
            let compiled = engine.environment.get_template(path);
            compiled.map_err(|error| engine.explain(path, &error))?;
        }
        Ok(engine)
    }

    /// The text of a template over a view.
    pub(super) fn render(&self, path: &str, view: impl Serialize) -> Result<String, RenderError> {
        self.environment
            .get_template(path)
            .and_then(|template| template.render(Serde(view)))
            .map_err(|error| self.explain(path, &error))
    }

    /// The template, line and message of the innermost error: an include wraps the one that counts.
    fn explain(&self, path: &str, error: &Error) -> RenderError {
        let mut innermost = error;
        while let Some(inner) = std::error::Error::source(innermost).and_then(|s| s.downcast_ref::<Error>()) {
            innermost = inner;
        }
        let template = innermost.name().unwrap_or(path).to_owned();
        let refused = std::error::Error::source(innermost).is_some_and(|s| s.is::<Refused>());
        RenderError::Template {
            code: if refused { E0402 } else { E0401 },
            overridden: self.overrides.contains_key(&template),
            template,
            line: innermost.line().unwrap_or(1),
            words: innermost
                .detail()
                .map_or_else(|| innermost.kind().to_string(), str::to_owned),
        }
    }
}

/// A warning for each override that no template reads, with the path that was probably meant.
pub(super) fn unknown_overrides(model: &Model) -> Vec<Diagnostic> {
    model
        .templates
        .keys()
        .filter(|path| of_package(path).is_none())
        .map(|path| unknown_override(path))
        .collect()
}

fn unknown_override(path: &str) -> Diagnostic {
    let distance = |t: &&Template| strsim::damerau_levenshtein(t.path, path);
    let nearest = TEMPLATES.iter().min_by_key(distance);
    let mut warning = Diagnostic::nowhere(
        crate::config::code::E0403,
        format!("templates/{path}: no template has this path, so nothing reads the file"),
    );
    warning.severity = crate::config::Severity::Warning;
    match nearest.filter(|t| distance(t) <= path.len() / 2) {
        Some(template) => warning.hint(format!("did you mean 'templates/{}'?", template.path)),
        None => warning,
    }
}

/// A line with only a block tag leaves no empty line; a file keeps its last newline.
fn syntax() -> SyntaxConfig {
    let mut builder = SyntaxConfig::builder();
    builder
        .trim_blocks(true)
        .lstrip_blocks(true)
        .keep_trailing_newline(true);
    builder.build().unwrap_or_default()
}

fn grammar_of(path: &str) -> AutoEscape {
    let grammar = of_package(path).map(|template| template.grammar);
    AutoEscape::Custom(grammar.unwrap_or(Grammar::Plain).name().into())
}

/// The template's grammar does not allow the value.
#[derive(Debug, thiserror::Error)]
#[error("the value breaks the file")]
struct Refused;

/// Writes a value as the template's grammar allows it; there is no other way into a file. `|safe` has no effect, and an attempt
/// to switch autoescape off is an error.
fn write_value(out: &mut Output<'_>, state: &mut State<'_, '_>, value: &Value) -> Result<(), Error> {
    let grammar = match state.auto_escape() {
        AutoEscape::Custom(name) => Grammar::named(name),
        _ => None,
    };
    let grammar = grammar.ok_or_else(|| refuse("autoescape cannot be switched off"))?;
    if let Some(block) = value.downcast_object_ref::<Block>() {
        return Ok(out.write_str(&block.0)?);
    }
    // Without the value itself: it may be a password.
    let refused = |words| refuse(format!("a value {words}"));
    if let Some(phrase) = value.downcast_object_ref::<Phrase>() {
        return Ok(out.write_str(&grammar.phrase(&phrase.0).map_err(refused)?)?);
    }
    match value.kind() {
        ValueKind::Number if value.is_integer() => Ok(write!(out, "{value}")?),
        ValueKind::String => {
            let text = value.as_str().unwrap_or_default();
            Ok(out.write_str(&grammar.word(text).map_err(refused)?)?)
        }
        ValueKind::Undefined => Err(Error::from(ErrorKind::UndefinedError)),
        kind => Err(refuse(format!("a value of type {kind} cannot be written"))),
    }
}

fn refuse(words: impl Into<String>) -> Error {
    Error::new(ErrorKind::InvalidOperation, words.into()).with_source(Refused)
}
