package inference_test

import (
	"testing"

	"sigs.k8s.io/gateway-api-inference-extension/conformance"
	"sigs.k8s.io/gateway-api/conformance/utils/suite"
)

// Flags of the suite say what is run: sigs.k8s.io/gateway-api/conformance/utils/flags.
func TestInferenceExtension(t *testing.T) {
	options := conformance.DefaultOptions(t)
	options.Hook = func(t *testing.T, test suite.ConformanceTest, _ *suite.ConformanceTestSuite) {
		tell(t, test.ShortName)
	}
	conformance.RunConformanceWithOptions(t, options)
}
