# Statements come from the manifest, where each has its reason; here only their place becomes narrower.

locals {
  # The clusters in which the functions may change something. Beyond this many ARNs a role's inline policies would pass
  # the 10,240 characters that IAM takes; the tag `headroom`, which the statements ask for, then narrows alone.
  acting_clusters_max = 20
  acting_clusters = distinct(concat(
    [for service in local.services : service.cluster if contains(local.act_names, service.environment)],
    # A lease outlives its service's place in the file, and so does the permission to end it.
    sort(var.also_clusters),
  ))
  act_clusters = length(local.acting_clusters) > local.acting_clusters_max ? ["*"] : local.acting_clusters

  # Scalable targets are not known by cluster: an environment that only observes is told by the tag's value, except
  # while leases of it are left.
  observing_names = setsubtract(
    local.fleet.environments[*].name,
    concat(
      local.act_names,
      [for service in local.services : service.environment if contains(var.also_clusters, service.cluster)],
    )
  )

  # The manifest's condition asks that the tag is there; with environments that are named, for its value, too.
  act_tag = {
    for operator, names in {
      StringEquals    = var.act_environments == null ? [] : sort(local.act_names)
      StringNotEquals = var.act_environments == null ? sort(local.observing_names) : []
    } : operator => { "aws:ResourceTag/headroom" = names } if length(names) > 0
  }

  act_statements = {
    for name, function in local.functions : name => [
      for statement in function.iam.act : merge(statement, {
        # A denial stays as wide as it is.
        condition = merge(
          try(statement.condition, {}),
          # Service deployments have no tags: there the manifest asks for none, and the clusters narrow alone.
          { for operator, keys in local.act_tag : operator => keys if statement.effect == "Allow" && can(statement.condition) }
        )
        resources = statement.effect == "Deny" ? statement.resources : distinct(flatten([
          for resource in statement.resources : [
            for cluster in local.act_clusters : replace(
              resource, "/:(service|task|service-deployment|service-revision)\\/\\*\\//", ":$1/${cluster}/"
            )
          ]
        ]))
      })
    ]
  }
}

resource "aws_iam_role" "function" {
  for_each = local.functions

  name                 = "${each.value.name}-${local.region}"
  description          = each.value.description
  permissions_boundary = var.permissions_boundary_arn
  tags                 = var.tags

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { Service = "lambda.amazonaws.com" }
    }]
  })
}

resource "aws_iam_role_policy" "always" {
  for_each = local.functions

  name = "always"
  role = aws_iam_role.function[each.key].name
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [for statement in each.value.iam.always : merge(
      {
        Sid      = statement.sid
        Effect   = statement.effect
        Action   = statement.actions
        Resource = statement.resources
      },
      try({ Condition = statement.condition }, {}),
    )]
  })
}

# What changes ECS or Application Auto Scaling: attached in mode act, for functions that have such statements.
resource "aws_iam_role_policy" "act" {
  for_each = { for name, statements in local.act_statements : name => statements if local.acts && length(statements) > 0 }

  name = "act"
  role = aws_iam_role.function[each.key].name
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [for statement in each.value : merge(
      {
        Sid      = statement.sid
        Effect   = statement.effect
        Action   = statement.actions
        Resource = statement.resources
      },
      { for member, condition in { Condition = statement.condition } : member => condition if length(condition) > 0 },
    )]
  })
}

# Values of secrets reach one kind of function only: the manifest says which delivers notices.
resource "aws_iam_role_policy" "secrets" {
  for_each = length(var.secret_arns) == 0 ? {} : {
    for name, function in local.functions : name => function if try(function.secrets, false)
  }

  name = "secrets"
  role = aws_iam_role.function[each.key].name
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid      = "ReadSecrets"
      Effect   = "Allow"
      Action   = ["secretsmanager:GetSecretValue"]
      Resource = sort(var.secret_arns)
    }]
  })
}

resource "aws_iam_role" "schedule" {
  for_each = local.schedules

  name                 = "${each.key}-${local.region}"
  description          = each.value.description
  permissions_boundary = var.permissions_boundary_arn
  tags                 = var.tags

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { Service = "scheduler.amazonaws.com" }
      Condition = {
        StringEquals = {
          "aws:SourceAccount" = local.account
          "aws:SourceArn"     = "arn:${local.partition}:scheduler:${local.region}:${local.account}:schedule-group/${each.value.group}"
        }
      }
    }]
  })
}

resource "aws_iam_role_policy" "schedule" {
  for_each = local.schedules

  name = "wake"
  role = aws_iam_role.schedule[each.key].name
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [for statement in each.value.iam : {
      Sid      = statement.sid
      Effect   = statement.effect
      Action   = statement.actions
      Resource = statement.resources
    }]
  })
}
