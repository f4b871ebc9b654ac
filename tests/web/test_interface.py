"""Whatever a program sends, the answers are those that the OpenAPI document promises."""

import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import APIOperation, Case
from schemathesis.specs.openapi.checks import positive_data_acceptance

FEW = settings(
    max_examples=12,
    derandomize=True,
    deadline=None,
    database=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)


def test_every_answer_is_one_that_the_document_describes(site):
    schema = schemathesis.openapi.from_url(f"{site().url}/openapi.json")
    operations = [found.ok() for found in schema.get_all_operations()]
    assert len(operations) > 5
    for operation in operations:
        check(operation)


def check(operation: APIOperation) -> None:
    @FEW
    @given(case=operation.as_strategy())
    def ask(case: Case) -> None:
        # No schema can say which bytes are a picture, or which names are those of runs.
        case.call_and_validate(excluded_checks=[positive_data_acceptance], timeout=60)

    ask()
