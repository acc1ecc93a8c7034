{{- define "breakwater.labels" -}}
app.kubernetes.io/name: breakwater
{{- end }}

{{- define "breakwater.podLabels" -}}
app.kubernetes.io/name: breakwater
app.kubernetes.io/component: controller
{{- end }}

{{- /* Of what has no namespace: several installations may be in one cluster. */}}
{{- define "breakwater.clusterName" -}}
{{ .Release.Namespace }}:controller
{{- end }}

{{- /* Where objects are read. */}}
{{- define "breakwater.namespaceRules" -}}
{{ .Files.Get "files/rules-namespace.yaml" | trim }}
{{- end }}

{{- /* Where Gateways are served: what they are made of; the plane says which. */}}
{{- define "breakwater.infrastructureRules" -}}
{{ .Files.Get (printf "files/rules-%s.yaml" .Values.plane) | trim }}
{{- end }}

{{- /* A binding's other half. Takes kind and name of the role, and the namespace of the service account. */}}
{{- define "breakwater.binding" -}}
roleRef:
  apiGroup: rbac.authorization.k8s.io
  kind: {{ .kind }}
  name: {{ .name | quote }}
subjects:
  - kind: ServiceAccount
    name: breakwater
    namespace: {{ .namespace | quote }}
{{- end }}
