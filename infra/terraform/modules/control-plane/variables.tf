variable "fleet_file" {
  description = "Path of the compiled fleet: what `headroom compile headroom.yaml --environment E -o fleet.json` writes. Its environments must be of this account and region."
  type        = string
  nullable    = false

  validation {
    condition     = try(jsondecode(file(var.fleet_file)).version == 2, false)
    error_message = "fleet_file must be a compiled fleet of version 2, made by: headroom compile headroom.yaml --environment E -o fleet.json."
  }
}

variable "code" {
  description = "Where the functions' zips are, one `<function>.zip` each: a `directory` on this machine, or an `s3_bucket` with an `s3_prefix` that ends in a slash. In a bucket another version needs another prefix: that is how Lambda is told of new code."
  type = object({
    directory = optional(string)
    s3_bucket = optional(string)
    s3_prefix = optional(string, "")
  })
  nullable = false

  validation {
    condition     = (var.code.directory == null) != (var.code.s3_bucket == null)
    error_message = "code needs exactly one of directory and s3_bucket, for example { directory = \"target/lambda\" }."
  }

  validation {
    condition     = var.code.s3_prefix == "" || (var.code.s3_bucket != null && endswith(var.code.s3_prefix, "/"))
    error_message = "code.s3_prefix belongs to s3_bucket and ends in a slash, for example \"headroom/0.1.0/\"."
  }
}

variable "mode" {
  description = "`observe` and `suggest` give the functions no right to change ECS or Application Auto Scaling; `act` gives it, for the clusters of the fleet file's environments and only for what carries the tag `headroom`. Before leaving `act` here, leave it in the fleet file and wait until every lease has ended."
  type        = string
  default     = "observe"
  nullable    = false

  validation {
    condition     = contains(["observe", "suggest", "act"], var.mode)
    error_message = "mode is one of observe, suggest, act."
  }
}

variable "act_environments" {
  description = "Environments of the fleet file for which mode `act` holds; null takes those in which a service acts. With names, the clusters are theirs, and what may be changed must carry the tag `headroom` with the environment's name as its value."
  type        = set(string)
  default     = null
}

variable "also_clusters" {
  description = "Names of clusters that left the fleet file, or mode `act` in it, while leases of their services may be left: the permission that gives capacity back stays until they are taken out here. `headroom stand-down` says when none is left."
  type        = set(string)
  default     = []
  nullable    = false

  validation {
    condition     = alltrue([for name in var.also_clusters : can(regex("^[a-zA-Z0-9_-]{1,255}$", name))])
    error_message = "also_clusters holds names of ECS clusters, not ARNs and no wildcard, for example [\"prod-eu-cluster\"]."
  }
}

variable "architecture" {
  description = "What the zips were built for: `x86_64` or `arm64`."
  type        = string
  default     = "x86_64"
  nullable    = false

  validation {
    condition     = contains(["x86_64", "arm64"], var.architecture)
    error_message = "architecture is x86_64 or arm64."
  }
}

variable "notice_emails" {
  description = "Addresses that are told by e-mail when something opens and when it closes, and of alarms on Headroom itself; each must confirm its subscription. Mail by routes goes by the output `mail_topic_arn`."
  type        = set(string)
  default     = []
  nullable    = false

  validation {
    condition     = alltrue([for address in var.notice_emails : can(regex("^[^@\\s]+@[^@\\s]+$", address))])
    error_message = "notice_emails holds e-mail addresses, for example [\"platform@example.com\"]."
  }
}

variable "alarm_actions" {
  description = "ARNs of topics that Headroom's own alarms tell, beside its notices topic: those of the people on call."
  type        = set(string)
  default     = []
  nullable    = false

  validation {
    condition     = alltrue([for arn in var.alarm_actions : can(regex("^arn:[^:]+:sns:[^:]+:[0-9]{12}:.+$", arn))])
    error_message = "alarm_actions holds ARNs of SNS topics."
  }
}

variable "secret_arns" {
  description = "ARNs of the Secrets Manager secrets that the fleet file's channels name and that are not called `headroom/...`: those it reads without. Only the functions that deliver notices may read them. Terraform never reads a value."
  type        = set(string)
  default     = []
  nullable    = false

  validation {
    condition     = alltrue([for arn in var.secret_arns : can(regex("^arn:[^:]+:secretsmanager:[^:]+:[0-9]{12}:secret:[^*]+$", arn))])
    error_message = "secret_arns holds whole ARNs of Secrets Manager secrets, without a wildcard."
  }
}

variable "artifacts_bucket" {
  description = "Name of a bucket of yours for the fleet's layer; null makes one."
  type        = string
  default     = null

  validation {
    condition     = var.artifacts_bucket == null ? true : can(regex("^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$", var.artifacts_bucket))
    error_message = "artifacts_bucket is a bucket's name, not an ARN and no path, for example \"team-artifacts\"."
  }
}

variable "environment_variables" {
  description = "Further environment variables of every function, for example `{ HEADROOM_LOG = \"debug\" }`; those by which the functions find their table, topics and queues are not taken; HEADROOM_FLEET is, for a fleet that comes by another way than the layer."
  type        = map(string)
  default     = {}
  nullable    = false
}

variable "log_retention_days" {
  description = "How long the functions' logs are kept, in days; null takes what the manifest says."
  type        = number
  default     = null

  validation {
    condition     = var.log_retention_days == null ? true : contains([1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653], var.log_retention_days)
    error_message = "log_retention_days is one of the lengths that CloudWatch Logs takes: 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, ..."
  }
}

variable "protect_table" {
  description = "Whether the journal's table refuses to be deleted; null protects it in mode `act`."
  type        = bool
  default     = null
}

variable "permissions_boundary_arn" {
  description = "ARN of a policy that bounds every role made here; null sets none."
  type        = string
  default     = null

  validation {
    condition     = var.permissions_boundary_arn == null ? true : can(regex("^arn:[^:]+:iam::([0-9]{12}|aws):policy/.+$", var.permissions_boundary_arn))
    error_message = "permissions_boundary_arn is the ARN of an IAM policy."
  }
}

variable "tags" {
  description = "Tags of everything made here. Not `headroom`: that one marks the services that may be changed."
  type        = map(string)
  default     = {}
  nullable    = false

  validation {
    condition     = !contains(keys(var.tags), "headroom")
    error_message = "tags must not hold `headroom`: that tag marks the services which Headroom may change."
  }
}

variable "manifest_file" {
  description = "Path of another manifest than the one that belongs to this version of the code: for forks and tests. null takes that one."
  type        = string
  default     = null
}
