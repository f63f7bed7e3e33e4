//! The declarations as JSON Schema (2020-12), for editors.

use super::keys::{Declaration, Key, Shape};
use serde_json::{Map, Value, json};

/// Where the schema is installed, and what it is called.
const ID: &str = "https://imp.invalid/config.schema.json";

/// The schema of the whole configuration as text, with a newline at its end. What two keys have to do with each other
/// it does not say: `impctl check` does.
pub(super) fn schema(document: &'static Declaration) -> String {
    let mut tables = Map::new();
    let root = table(document, &mut tables);
    let mut schema = Map::new();
    schema.insert(
        "$schema".into(),
        "https://json-schema.org/draft/2020-12/schema".into(),
    );
    schema.insert("$id".into(), ID.into());
    schema.insert("title".into(), "IMP's configuration, config-version 1".into());
    schema.insert("$defs".into(), Value::Object(tables));
    if let Value::Object(root) = root {
        schema.extend(root);
    }
    let mut text = serde_json::to_string_pretty(&schema).unwrap_or_default();
    text.push('\n');
    text
}

/// A reference to a table, which is written once.
fn reference(declared: &'static Declaration, tables: &mut Map<String, Value>) -> Value {
    if !tables.contains_key(declared.name()) {
        tables.insert(declared.name().to_owned(), Value::Null);
        let table = table(declared, tables);
        tables.insert(declared.name().to_owned(), table);
    }
    json!({ "$ref": format!("#/$defs/{}", declared.name()) })
}

fn table(declared: &'static Declaration, tables: &mut Map<String, Value>) -> Value {
    let properties: Map<String, Value> = declared
        .keys()
        .map(|key| (key.name.to_owned(), property(key, tables)))
        .collect();
    let required = declared.keys().filter(|key| key.required && key.modes.is_empty());
    let required: Vec<&str> = required.map(|key| key.name).collect();
    let mut table = json!({
        "type": "object",
        "description": declared.about(),
        "properties": properties,
        "additionalProperties": false,
    });
    if !required.is_empty() {
        table["required"] = json!(required);
    }
    let modes: Vec<Value> = declared
        .modes()
        .into_iter()
        .map(|(key, mode)| of_mode(declared, key, mode))
        .collect();
    if !modes.is_empty() {
        table["allOf"] = json!(modes);
    }
    table
}

/// What a mode needs, and what belongs to others.
fn of_mode(declared: &'static Declaration, mode_key: &str, mode: &str) -> Value {
    let keys = || declared.keys().filter(|key| !key.modes.is_empty());
    let needed = keys().filter(|key| key.required && key.modes.contains(&mode));
    let needed: Vec<&str> = needed.map(|key| key.name).collect();
    let foreign = keys().filter(|key| !key.modes.contains(&mode));
    let foreign: Map<String, Value> = foreign
        .map(|key| (key.name.to_owned(), Value::Bool(false)))
        .collect();
    json!({
        "if": { "properties": { mode_key: { "const": mode } }, "required": [mode_key] },
        "then": { "required": needed, "properties": foreign },
    })
}

fn property(key: &Key, tables: &mut Map<String, Value>) -> Value {
    let mut property = value(&(key.shape)(), tables);
    property["description"] = describe(key).into();
    if let Some(example) = literal(key.example) {
        property["examples"] = json!([example]);
    }
    if let Some(default) = key.default.and_then(literal) {
        property["default"] = default;
    }
    property
}

fn describe(key: &Key) -> String {
    let mut text = key.about();
    if let Some(unit) = key.unit {
        text.push_str(&format!(" In {unit}."));
    }
    if let Some(otherwise) = key.otherwise {
        text.push_str(&format!(" Without it: {otherwise}."));
    }
    if let Some(why) = key.not_yet {
        text.push_str(&format!(" Not in this version: {why}."));
    }
    text
}

/// A TOML value as JSON.
fn literal(text: &str) -> Option<Value> {
    let document: Value = toml::from_str(&format!("value = {text}")).ok()?;
    document.get("value").cloned()
}

fn value(shape: &Shape, tables: &mut Map<String, Value>) -> Value {
    match shape {
        Shape::Switch => json!({ "type": "boolean" }),
        Shape::Number { least, greatest, .. } => {
            json!({ "type": "integer", "minimum": least, "maximum": greatest })
        }
        Shape::Text { pattern: "", .. } => json!({ "type": "string" }),
        Shape::Text { pattern, .. } => json!({ "type": "string", "pattern": pattern }),
        Shape::Words(words) => json!({ "enum": words }),
        Shape::Either(shapes) => {
            let shapes: Vec<Value> = shapes.iter().map(|shape| value(shape, tables)).collect();
            json!({ "anyOf": shapes })
        }
        Shape::List(each) => json!({ "type": "array", "items": value(each, tables) }),
        Shape::Filled(each) => json!({ "type": "array", "items": value(each, tables), "minItems": 1 }),
        Shape::Table(declared) => reference(declared, tables),
        Shape::Named { names, each } => json!({
            "type": "object",
            "propertyNames": value(names, tables),
            "additionalProperties": value(each, tables),
        }),
        Shape::Never => json!({ "not": {} }),
    }
}
