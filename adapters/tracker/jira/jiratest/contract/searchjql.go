package contract

import "github.com/getkin/kin-openapi/openapi3"

// addSearchJQL describes Cloud's search, which is younger than the document.
func addSearchJQL(doc *openapi3.T) {
	text := openapi3.NewStringSchema
	names := openapi3.NewArraySchema().WithItems(text())
	parts := map[string]*openapi3.Schema{
		"jql": text(), "nextPageToken": text(), "expand": text(), "fields": names, "properties": names,
		"maxResults": openapi3.NewInt32Schema(), "fieldsByKeys": openapi3.NewBoolSchema(), "failFast": openapi3.NewBoolSchema(),
		"reconcileIssues": openapi3.NewArraySchema().WithItems(openapi3.NewInt64Schema()),
	}
	get := &openapi3.Operation{OperationID: "searchJQL", Responses: found(doc)}
	for name, schema := range parts {
		get.AddParameter(openapi3.NewQueryParameter(name).WithSchema(schema))
	}
	body := openapi3.NewObjectSchema().WithProperties(parts).WithoutAdditionalProperties()
	post := &openapi3.Operation{
		OperationID: "searchJQLPost", Responses: found(doc),
		RequestBody: &openapi3.RequestBodyRef{Value: openapi3.NewRequestBody().WithJSONSchema(body).WithRequired(true)},
	}
	doc.Paths.Set("/rest/api/2/search/jql", &openapi3.PathItem{Get: get, Post: post})
}

// found is a page of issues without a total.
func found(doc *openapi3.T) *openapi3.Responses {
	issues := openapi3.NewArraySchema()
	issues.Items = openapi3.NewSchemaRef("#/components/schemas/IssueBean", doc.Components.Schemas["IssueBean"].Value)
	page := openapi3.NewObjectSchema().WithPropertyRef("issues", issues.NewRef()).
		WithProperty("isLast", openapi3.NewBoolSchema()).WithProperty("nextPageToken", openapi3.NewStringSchema()).
		WithRequired([]string{"issues"}).WithoutAdditionalProperties()
	return openapi3.NewResponses(openapi3.WithStatus(200, &openapi3.ResponseRef{
		Value: openapi3.NewResponse().WithDescription("a page").WithJSONSchema(page),
	}))
}
