//! Amazon ECR: what the tags of pushed images stand for.

use super::call::{Answer, Call, Operation};
use crate::failure::Failure;
use crate::value::{Map, Value};

/// What is served.
pub(super) const OPERATIONS: &[Operation] = &[Operation::reads("DescribeImages", describe)];

fn missing(name: &str) -> Failure {
    Failure::sender("InvalidParameterException", format!("{name} is required."))
}

/// DescribeImages of named tags. An image that nobody pushed has the digest that its name gives it, as everywhere in
/// this world.
fn describe(call: &mut Call<'_>) -> Answer {
    let repository = call.input.required("repositoryName", missing)?.into_owned();
    let registry = call.input.text("registryId")?.map_or_else(|| call.place.account.clone(), |id| id.into_owned());
    let ids = call.input.maps("imageIds")?;
    if ids.is_empty() {
        return Err(missing("imageIds"));
    }
    let detail = |id: &Map| -> Result<Map, Failure> {
        let tag = id.required("imageTag", missing)?.into_owned();
        let image = format!("{registry}.dkr.ecr.{}.amazonaws.com/{repository}:{tag}", call.place.region);
        Ok(Map::new()
            .with("registryId", registry.as_str())
            .with("repositoryName", repository.as_str())
            .with("imageDigest", call.world.image_now(&image))
            .with("imageTags", vec![tag]))
    };
    let details = ids.into_iter().map(detail).collect::<Result<Vec<_>, _>>()?;
    Ok(Map::new().with("imageDetails", Value::list(details)).into())
}
