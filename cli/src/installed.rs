//! What the stack of this version has, as it is generated from the same code.

use serde_json::Value as Json;

use crate::commands::Outcome;

const MANIFEST: &str = include_str!("../../infra/generated/functions.json");

/// The manifest.
pub(crate) fn manifest() -> Result<Json, Outcome> {
    serde_json::from_str(MANIFEST).map_err(|e| Outcome::failed(format!("manifest: {e}\n")))
}

/// Names of the functions, as Lambda knows them.
pub(crate) fn functions() -> Result<Vec<String>, Outcome> {
    let manifest = manifest()?;
    let all = manifest.get("functions").and_then(Json::as_object).into_iter().flat_map(|all| all.values());
    Ok(all.filter_map(|f| f.get("name")?.as_str().map(str::to_owned)).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_functions_are_named_as_lambda_knows_them() {
        let functions = functions().expect("the manifest");
        assert!(functions.iter().any(|name| name == "headroom-alarm-handler"), "{functions:?}");
    }
}
