"""Every route times every role is an explicit row; a new route without one fails here."""

from __future__ import annotations

import re
from typing import Any

import pytest
from fastapi.routing import APIRoute

from pos_app.domain.session import KeyScope
from pos_app.services import api_key
from pos_app.store import audit
from tests.api.house import ROLES, House, build, invoice_body, name_of
from tests.api.house import House as Server
from tests.shops import actor

EVERYBODY = "everybody"
SIGNED_IN = "signed in"  # any role, by access token only
API = "Admin ApiUser User Cashier StockController DepotController Manager PodOperator"
NOBODY = ""
TILLS_OWN_KEYS = ""  # no role at all: what a till may have is for its own key alone
ADMIN_ONLY = "Admin policy"  # keys come in by this door too, and are told that theirs is no Admin
OFFICE = "Manager Admin"  # by access token only
MAKES_INVOICES = "Admin ApiUser User Cashier Manager"
EDITS_INVOICES = "Admin ApiUser Cashier Manager"
SEES_STOCK = "Admin ApiUser User Cashier StockController DepotController Manager"
BUYS = "Admin ApiUser Manager"
MOVES_STOCK = "Admin ApiUser Manager StockController DepotController"
EDITS_USERS = "Admin ApiUser PodOperator"
SEES_REPORTS = "Admin ApiUser Cashier Manager"
SEES_INVOICES = "Admin ApiUser User Cashier Manager PodOperator"
OR_OWN = " Customer"  # beside the staff: a portal account, to what is its own

MATRIX: dict[tuple[str, str], str] = {
    ("GET", "/api/Health"): EVERYBODY,
    ("GET", "/health/live"): EVERYBODY,
    ("GET", "/health/ready"): EVERYBODY,
    ("GET", "/health/deploy-ready"): EVERYBODY,
    ("GET", "/health/dependencies"): EVERYBODY,
    ("POST", "/api/Auth/login"): EVERYBODY,
    ("POST", "/api/Auth/refresh"): EVERYBODY,
    ("POST", "/api/Auth/logout"): SIGNED_IN,
    ("GET", "/api/Auth/me"): SIGNED_IN,
    ("GET", "/api/Auth/sessions"): SIGNED_IN,
    ("POST", "/api/Auth/sessions/end"): SIGNED_IN,
    ("POST", "/api/Auth/register"): "Admin",
    ("POST", "/api/Auth/login/two-factor"): EVERYBODY,
    ("POST", "/api/Password/reset/request"): EVERYBODY,
    ("GET", "/api/Password/reset/validate"): EVERYBODY,
    ("POST", "/api/Password/reset/complete"): EVERYBODY,
    ("GET", "/api/UserActivity"): "Admin ApiUser Manager",
    ("GET", "/api/UserActivity/filter-options"): "Admin ApiUser Manager",
    ("GET", "/api/UserActivity/dashboard"): "Admin ApiUser Manager",
    ("GET", "/api/UserActivity/export"): "Admin ApiUser",
    ("GET", "/api/UserActivity/entity/{entityType}/{entityId}"): "Admin ApiUser Manager",
    ("GET", "/api/UserActivity/user/{userId}"): "Admin ApiUser Manager",
    ("GET", "/api/UserActivity/me"): API,
    ("POST", "/api/Password/change"): SIGNED_IN,
    ("GET", "/api/Password/credentials"): SIGNED_IN,
    ("PUT", "/api/Password/credentials"): SIGNED_IN,
    ("GET", "/api/TwoFactor/status"): SIGNED_IN,
    ("POST", "/api/TwoFactor/setup"): SIGNED_IN,
    ("POST", "/api/TwoFactor/verify"): SIGNED_IN,
    ("POST", "/api/TwoFactor/disable"): SIGNED_IN,
    ("POST", "/api/TwoFactor/enable"): API,
    ("POST", "/api/TwoFactor/backup-codes/regenerate"): API,
    ("GET", "/api/User"): ADMIN_ONLY,
    ("POST", "/api/User"): ADMIN_ONLY,
    ("GET", "/api/User/roles"): ADMIN_ONLY,
    ("GET", "/api/User/{id}"): ADMIN_ONLY,
    ("PUT", "/api/User/{id}"): ADMIN_ONLY,
    ("DELETE", "/api/User/{id}"): ADMIN_ONLY,
    ("POST", "/api/User/{id}/change-password"): ADMIN_ONLY,
    ("POST", "/api/User/{id}/unlock"): ADMIN_ONLY,
    ("POST", "/api/User/{id}/deactivate"): ADMIN_ONLY,
    ("POST", "/api/User/{id}/activate"): ADMIN_ONLY,
    ("GET", "/api/UserManagement"): "Admin ApiUser Manager PodOperator",
    ("POST", "/api/UserManagement"): "Admin ApiUser PodOperator",
    ("GET", "/api/UserManagement/permissions/available"): "Admin ApiUser Manager PodOperator",
    ("GET", "/api/UserManagement/me"): API,
    ("GET", "/api/UserManagement/me/permissions"): API,
    ("GET", "/api/UserManagement/{id}"): "Admin ApiUser Manager PodOperator",
    ("PUT", "/api/UserManagement/{id}"): "Admin ApiUser PodOperator",
    ("DELETE", "/api/UserManagement/{id}"): "Admin ApiUser",
    ("GET", "/api/UserManagement/{id}/permissions"): "Admin ApiUser Manager PodOperator",
    ("PUT", "/api/UserManagement/{id}/permissions"): "Admin ApiUser",
    ("POST", "/api/UserManagement/{id}/unlock"): "Admin ApiUser PodOperator",
    ("POST", "/api/UserManagement/{id}/reset-2fa"): "Admin ApiUser PodOperator",
    ("POST", "/api/CustomerPortal/register"): ADMIN_ONLY,
    ("POST", "/api/CustomerPortal/bulk-register"): ADMIN_ONLY,
    ("POST", "/api/CustomerPortal/generate-hash"): ADMIN_ONLY,
    ("GET", "/api/Product"): API,
    ("GET", "/api/Product/warehouse/{warehouseCode}"): API,
    ("GET", "/api/Product/{itemCode}"): API,
    ("GET", "/api/Product/{itemCode}/batches"): API,
    ("GET", "/api/Stock/warehouses"): API,
    ("GET", "/api/Stock/warehouse-codes"): API,
    ("GET", "/api/Stock/warehouse/{code}"): API,
    ("GET", "/api/Stock/batch/{warehouseCode}/{itemCode}"): API,
    ("GET", "/api/Price"): API,
    ("GET", "/api/Price/cached"): API,
    ("GET", "/api/Price/by-customer/{cardCode}"): API,
    ("POST", "/api/Price/sync"): "Admin",
    ("GET", "/api/Product/warehouse/{warehouseCode}/paged"): API,
    ("GET", "/api/Product/warehouse/{warehouseCode}/item/{itemCode}/batches"): API,
    ("GET", "/api/Stock/warehouse/{warehouseCode}/paged"): API,
    ("GET", "/api/Stock/warehouse/{warehouseCode}/items"): API,
    ("GET", "/api/Price/grouped"): API,
    ("GET", "/api/Price/currency/{currency}"): API,
    ("GET", "/api/Price/pricelists"): API,
    ("POST", "/api/Price/pricelists/sync"): "Admin",
    ("GET", "/api/Price/pricelists/{priceListNum}/items"): API,
    ("POST", "/api/Price/pricelists/{priceListNum}/sync"): "Admin",
    ("GET", "/api/Price/pricelists/{priceListNum}/items/{itemCode}"): API,
    ("GET", "/api/Price/businesspartner/{cardCode}"): API,
    ("GET", "/api/Price/{itemCode}"): API,
    ("GET", "/api/DesktopIntegration/prices/pricelists"): API,
    ("POST", "/api/DesktopIntegration/sales"): API,
    ("GET", "/api/DesktopIntegration/sales"): API,
    ("POST", "/api/DesktopIntegration/end-of-day/consolidate"): API,
    ("GET", "/api/DesktopIntegration/end-of-day/report"): API,
    ("POST", "/api/DesktopIntegration/end-of-day/email-report"): API,
    ("GET", "/api/DesktopIntegration/stock/monitored-warehouses"): API,
    ("POST", "/api/DesktopIntegration/stock/fetch-daily"): API,
    ("GET", "/api/DesktopIntegration/stock/{warehouseCode}/local"): API,
    ("POST", "/api/DesktopIntegration/webhook/transfer-event"): API,
    ("GET", "/api/Stock/warehouse/{warehouseCode}/sales"): API,
    ("POST", "/api/Stock/warehouse/{warehouseCode}/sales"): API,
    ("POST", "/api/DesktopIntegration/prices/pricelists/sync"): "Admin",
    ("POST", "/api/DesktopIntegration/prices/sync"): "Admin",
    ("GET", "/api/DesktopIntegration/prices/pricelists/{priceListNum}"): API,
    ("POST", "/api/DesktopIntegration/prices/pricelists/{priceListNum}/sync"): "Admin",
    ("GET", "/api/DesktopIntegration/prices/pricelists/{priceListNum}/items/{itemCode}"): API,
    ("GET", "/api/DesktopIntegration/prices/business-partner/{cardCode}"): API,
    ("GET", "/api/GLAccount"): API,
    ("GET", "/api/GLAccount/type/{accountType}"): API,
    ("GET", "/api/GLAccount/{accountCode}"): API,
    ("GET", "/api/CostCentre"): API,
    ("GET", "/api/CostCentre/dimension/{dimension}"): API,
    ("GET", "/api/CostCentre/{centerCode}"): API,
    ("GET", "/api/Report/sales-summary"): SEES_REPORTS,
    ("GET", "/api/Report/top-products"): SEES_REPORTS,
    ("GET", "/api/Report/slow-moving-products"): SEES_REPORTS,
    ("GET", "/api/Report/stock-movement"): SEES_REPORTS,
    ("GET", "/api/Report/payment-summary"): SEES_REPORTS,
    ("GET", "/api/Report/top-customers"): SEES_REPORTS,
    ("GET", "/api/Report/order-fulfillment"): SEES_REPORTS,
    ("GET", "/api/Report/credit-notes"): SEES_REPORTS,
    ("GET", "/api/Report/purchase-orders"): SEES_REPORTS,
    ("GET", "/api/Report/aging-analysis"): SEES_REPORTS,
    ("GET", "/api/Report/receivables-aging"): SEES_REPORTS,
    ("GET", "/api/Report/profit-overview"): SEES_REPORTS,
    ("GET", "/api/Report/low-stock"): SEES_REPORTS,
    ("GET", "/api/Report/low-stock-alerts"): SEES_REPORTS,
    ("GET", "/api/Report/inventory-value"): SEES_REPORTS,
    ("GET", "/api/Report/stock-summary"): SEES_REPORTS,
    ("GET", "/api/BusinessPartner"): API,
    ("GET", "/api/BusinessPartner/type/{cardType}"): API,
    ("GET", "/api/BusinessPartner/search"): API,
    ("GET", "/api/BusinessPartner/paymentterms/{groupNumber}"): API,
    ("GET", "/api/BusinessPartner/{cardCode}"): API,
    ("GET", "/api/ExchangeRate"): API,
    ("GET", "/api/ExchangeRate/convert"): API,
    ("GET", "/api/ExchangeRate/{fromCurrency}/{toCurrency}"): API,
    ("GET", "/api/ExchangeRate/{fromCurrency}/{toCurrency}/history"): API,
    ("GET", "/api/Document/templates"): API,
    ("GET", "/api/Document/templates/{id}"): API,
    ("GET", "/api/Document/templates/default/{documentType}"): API,
    ("GET", "/api/Document/templates/placeholders/{documentType}"): API,
    ("POST", "/api/Document/templates"): OFFICE,
    ("PUT", "/api/Document/templates/{id}"): OFFICE,
    ("DELETE", "/api/Document/templates/{id}"): ADMIN_ONLY,
    ("POST", "/api/Document/templates/{id}/set-default"): "Admin Manager",
    ("GET", "/api/Document/email-templates"): API,
    ("GET", "/api/Document/email-templates/{templateCode}"): API,
    ("POST", "/api/Document/email-templates"): "Admin Manager",
    ("PUT", "/api/Document/email-templates/{id}"): "Admin Manager",
    ("POST", "/api/Document/generate"): API,
    ("POST", "/api/Document/generate/download"): API,
    ("POST", "/api/Document/email"): API,
    ("GET", "/api/Document/history"): API,
    ("POST", "/api/Document/signatures"): API,
    ("GET", "/api/Document/signatures"): API,
    ("POST", "/api/Document/signatures/{id}/verify"): "Admin Manager",
    ("GET", "/api/Document/attachments"): API,
    ("POST", "/api/Document/attachments"): API,
    ("GET", "/api/Document/attachments/{id}/download"): API,
    ("GET", "/api/Document/attachments/{entityType}/{entityId}"): API,
    ("DELETE", "/api/Document/attachments/{attachmentId}"): API,
    ("GET", "/api/Invoice/{docEntry}/attachments"): SEES_INVOICES,
    ("GET", "/api/Invoice/{docEntry}/attachments/{attachmentId}/download"): SEES_INVOICES,
    ("POST", "/api/PurchaseOrder/documents/upload"): "Admin ApiUser",
    ("GET", "/api/PurchaseOrder/documents"): BUYS,
    ("POST", "/api/IncomingPayment/{docEntry}/attachment"): API,
    ("POST", "/api/Invoice"): "Admin Cashier",
    ("GET", "/api/Invoice"): SEES_INVOICES,
    ("GET", "/api/Invoice/date-range"): SEES_INVOICES,
    ("GET", "/api/Invoice/docnum/{docNum}"): SEES_INVOICES + OR_OWN,
    ("GET", "/api/Invoice/by-docnum/{docNum}"): SEES_INVOICES + OR_OWN,
    ("GET", "/api/Invoice/paged"): SEES_INVOICES,
    ("GET", "/api/Invoice/customer/{cardCode}"): SEES_INVOICES + OR_OWN,
    ("POST", "/api/Invoice/validate"): "Admin Cashier",
    ("GET", "/api/Invoice/{itemCode}/batches/{warehouseCode}"): SEES_INVOICES,
    ("GET", "/api/Invoice/{docEntry}/pdf"): SEES_INVOICES + OR_OWN,
    ("GET", "/api/Invoice/{id}"): SEES_INVOICES + OR_OWN,
    ("PUT", "/api/Invoice/{id}"): "Admin ApiUser Cashier Manager",
    ("DELETE", "/api/Invoice/{id}"): "Admin ApiUser",
    ("POST", "/api/Invoice/confirm"): "Admin ApiUser User Cashier Manager",
    ("GET", "/api/CreditNote"): SEES_INVOICES + OR_OWN,
    ("GET", "/api/CreditNote/{id}"): SEES_INVOICES + OR_OWN,
    ("GET", "/api/CreditNote/number/{creditNoteNumber}"): SEES_INVOICES + OR_OWN,
    ("GET", "/api/CreditNote/by-invoice/{invoiceId}"): SEES_INVOICES + OR_OWN,
    ("POST", "/api/CreditNote"): MAKES_INVOICES,
    ("POST", "/api/CreditNote/from-invoice/{invoiceId}"): MAKES_INVOICES,
    ("PATCH", "/api/CreditNote/{id}/status"): EDITS_INVOICES,
    ("POST", "/api/CreditNote/{id}/approve"): EDITS_INVOICES,
    ("DELETE", "/api/CreditNote/{id}"): "Admin ApiUser",
    ("POST", "/api/CreditNote/bulk-cancel"): EDITS_INVOICES,
    ("POST", "/api/CreditNote/duplicate-cancelled"): MAKES_INVOICES,
    ("POST", "/api/Quotation"): MAKES_INVOICES,
    ("GET", "/api/Quotation"): SEES_INVOICES + OR_OWN,
    ("GET", "/api/Quotation/sap"): SEES_INVOICES,
    ("GET", "/api/Quotation/sap/{docEntry}"): SEES_INVOICES,
    ("GET", "/api/Quotation/number/{quotationNumber}"): SEES_INVOICES + OR_OWN,
    ("GET", "/api/Quotation/{id}"): SEES_INVOICES + OR_OWN,
    ("GET", "/api/Quotation/{id}/pdf"): SEES_INVOICES + OR_OWN,
    ("GET", "/api/Quotation/sap/{docEntry}/pdf"): SEES_INVOICES,
    ("PUT", "/api/Quotation/{id}"): EDITS_INVOICES,
    ("PUT", "/api/Quotation/{id}/reprice"): EDITS_INVOICES,
    ("POST", "/api/Quotation/{id}/apply-standard-vat"): EDITS_INVOICES,
    ("PATCH", "/api/Quotation/{id}/status"): EDITS_INVOICES,
    ("POST", "/api/Quotation/{id}/approve"): EDITS_INVOICES,
    ("POST", "/api/Quotation/{id}/convert-to-sales-order"): MAKES_INVOICES,
    ("DELETE", "/api/Quotation/{id}"): "Admin ApiUser",
    ("POST", "/api/SalesOrder"): MAKES_INVOICES,
    ("GET", "/api/SalesOrder"): SEES_INVOICES,
    ("GET", "/api/SalesOrder/number/{orderNumber}"): SEES_INVOICES,
    ("GET", "/api/SalesOrder/local/{id}"): SEES_INVOICES,
    ("GET", "/api/SalesOrder/{id}"): SEES_INVOICES,
    ("GET", "/api/SalesOrder/{id}/pdf"): SEES_INVOICES,
    ("GET", "/api/SalesOrder/local/{id}/pdf"): SEES_INVOICES,
    ("GET", "/api/Statement/generate/{cardCode}"): API + OR_OWN,
    ("PUT", "/api/SalesOrder/{id}"): EDITS_INVOICES,
    ("PATCH", "/api/SalesOrder/{id}/status"): EDITS_INVOICES,
    ("POST", "/api/SalesOrder/{id}/approve"): EDITS_INVOICES,
    ("POST", "/api/SalesOrder/{id}/post-to-sap"): "Admin ApiUser Manager",
    ("POST", "/api/SalesOrder/{id}/convert-to-invoice"): MAKES_INVOICES,
    ("DELETE", "/api/SalesOrder/{id}"): "Admin ApiUser Manager",
    ("POST", "/api/IncomingPayment"): API,
    ("GET", "/api/IncomingPayment"): API,
    ("GET", "/api/IncomingPayment/daterange"): API,
    ("GET", "/api/IncomingPayment/today"): API,
    ("GET", "/api/IncomingPayment/{docEntry}"): API,
    ("GET", "/api/IncomingPayment/docnum/{docNum}"): API,
    ("GET", "/api/IncomingPayment/by-invoice/{invoiceDocEntry}"): API,
    ("GET", "/api/IncomingPayment/customer/{cardCode}"): API + OR_OWN,
    ("GET", "/api/Payment/providers"): API,
    ("POST", "/api/Payment/initiate"): API,
    ("GET", "/api/Payment/transactions"): API,
    ("GET", "/api/Payment/{id}/status"): API,
    ("POST", "/api/Payment/{id}/cancel"): API,
    ("POST", "/api/Payment/{id}/refund"): ADMIN_ONLY,
    ("POST", "/api/Payment/callback/paynow"): EVERYBODY,
    ("POST", "/api/Payment/callback/innbucks"): EVERYBODY,
    ("POST", "/api/Payment/callback/ecocash"): EVERYBODY,
    ("GET", "/api/PurchaseOrder"): BUYS,
    ("POST", "/api/PurchaseOrder"): BUYS,
    ("GET", "/api/PurchaseOrder/sap"): BUYS,
    ("GET", "/api/PurchaseOrder/sap/{docEntry}"): BUYS,
    ("GET", "/api/PurchaseOrder/number/{orderNumber}"): BUYS,
    ("GET", "/api/PurchaseOrder/{id}"): BUYS,
    ("PUT", "/api/PurchaseOrder/{id}"): BUYS,
    ("PATCH", "/api/PurchaseOrder/{id}/status"): BUYS,
    ("POST", "/api/PurchaseOrder/{id}/approve"): BUYS,
    ("POST", "/api/PurchaseOrder/{id}/receive"): BUYS,
    ("DELETE", "/api/PurchaseOrder/{id}"): "Admin ApiUser",
    ("POST", "/api/GoodsIssue"): BUYS,
    ("GET", "/api/GoodsIssue"): SEES_STOCK,
    ("GET", "/api/GoodsIssue/reasons"): BUYS,
    ("GET", "/api/GoodsIssue/{docEntry}"): SEES_STOCK,
    ("POST", "/api/GoodsReceipt"): BUYS,
    ("GET", "/api/GoodsReceipt"): SEES_STOCK,
    ("GET", "/api/GoodsReceipt/reasons"): BUYS,
    ("GET", "/api/GoodsReceipt/{docEntry}"): SEES_STOCK,
    ("POST", "/api/StockCount"): MOVES_STOCK,
    ("GET", "/api/StockCount"): MOVES_STOCK,
    ("GET", "/api/StockCount/{id}"): MOVES_STOCK,
    ("PUT", "/api/StockCount/{id}/lines"): MOVES_STOCK,
    ("POST", "/api/StockCount/{id}/lock"): MOVES_STOCK,
    ("POST", "/api/StockCount/{id}/recount"): BUYS,
    ("POST", "/api/StockCount/{id}/post"): BUYS,
    ("POST", "/api/StockCount/{id}/cancel"): MOVES_STOCK,
    ("POST", "/api/InventoryTransfer"): API,
    ("GET", "/api/InventoryTransfer/{docEntry}"): API,
    ("GET", "/api/InventoryTransfer/status/{docEntry}"): API,
    ("GET", "/api/InventoryTransfer/detail/{docEntry}"): API,
    ("GET", "/api/InventoryTransfer/{warehouseCode}/paged"): API,
    ("GET", "/api/InventoryTransfer/{warehouseCode}/date/{date}"): API,
    ("GET", "/api/InventoryTransfer/{warehouseCode}/daterange"): API,
    ("POST", "/api/InventoryTransfer/{docEntry}/receive"): MOVES_STOCK,
    ("POST", "/api/InventoryTransfer/{docEntry}/cancel"): MOVES_STOCK,
    ("POST", "/api/InventoryTransfer/request"): API,
    ("GET", "/api/InventoryTransfer/request/{docEntry}"): API,
    ("POST", "/api/InventoryTransfer/request/{docEntry}/convert"): API,
    ("POST", "/api/InventoryTransfer/request/{docEntry}/close"): API,
    ("POST", "/api/InventoryTransfer/request/{docEntry}/approve"): "Admin ApiUser Manager",
    ("POST", "/api/InventoryTransfer/request/{docEntry}/reject"): "Admin ApiUser Manager",
    ("GET", "/api/InventoryTransfer/requests"): API,
    ("GET", "/api/InventoryTransfer/requests/{warehouseCode}"): API,
    ("POST", "/api/DesktopIntegration/transfers"): API,
    ("POST", "/api/DesktopIntegration/transfers/validate"): API,
    ("POST", "/api/DesktopIntegration/transfers/queued"): API,
    ("GET", "/api/DesktopIntegration/transfers/{docEntry}"): API,
    ("GET", "/api/DesktopIntegration/transfers/warehouse/{warehouseCode}"): API,
    ("GET", "/api/DesktopIntegration/transfers/warehouse/{warehouseCode}/date-range"): API,
    ("GET", "/api/DesktopIntegration/transfers/warehouse/{warehouseCode}/paged"): API,
    ("POST", "/api/DesktopIntegration/transfer-requests"): API,
    ("GET", "/api/DesktopIntegration/transfer-requests/{docEntry}"): API,
    ("GET", "/api/DesktopIntegration/transfer-requests/warehouse/{warehouseCode}"): API,
    ("GET", "/api/DesktopIntegration/transfer-requests/paged"): API,
    ("POST", "/api/DesktopIntegration/transfer-requests/{docEntry}/convert"): API,
    ("POST", "/api/DesktopIntegration/transfer-requests/{docEntry}/close"): API,
    ("GET", "/api/DesktopIntegration/transfer-queue"): API,
    ("GET", "/api/DesktopIntegration/transfer-queue/review"): API,
    ("GET", "/api/DesktopIntegration/transfer-queue/stats"): API,
    ("GET", "/api/DesktopIntegration/transfer-queue/{externalReference}"): API,
    ("DELETE", "/api/DesktopIntegration/transfer-queue/{externalReference}"): API,
    ("POST", "/api/DesktopIntegration/transfer-queue/{externalReference}/retry"): API,
    ("POST", "/api/DesktopIntegration/reservations"): API,
    ("GET", "/api/DesktopIntegration/reservations/{reservationId}"): API,
    ("PUT", "/api/DesktopIntegration/reservations/{reservationId}/confirm"): API,
    ("DELETE", "/api/DesktopIntegration/reservations/{reservationId}"): API,
    ("POST", "/api/DesktopIntegration/invoices/queue"): API,
    ("GET", "/api/DesktopIntegration/invoices/queue-status/{queueId}"): API,
    ("POST", "/api/DesktopIntegration/validate-batch-allocation"): API,
    ("GET", "/api/DesktopIntegration/reservations"): API,
    ("GET", "/api/DesktopIntegration/reservations/by-reference/{externalReferenceId}"): API,
    ("POST", "/api/DesktopIntegration/reservations/confirm"): API,
    ("POST", "/api/DesktopIntegration/reservations/cancel"): API,
    ("POST", "/api/DesktopIntegration/reservations/renew"): API,
    ("GET", "/api/DesktopIntegration/stock/{warehouseCode}"): API,
    ("GET", "/api/DesktopIntegration/stock/{warehouseCode}/{itemCode}"): API,
    ("GET", "/api/DesktopIntegration/stock/{warehouseCode}/{itemCode}/batches"): API,
    ("POST", "/api/DesktopIntegration/stock/validate"): API,
    ("POST", "/api/DesktopIntegration/invoices"): API,
    ("POST", "/api/DesktopIntegration/invoices/queued"): API,
    ("POST", "/api/DesktopIntegration/invoices/validate"): API,
    ("GET", "/api/DesktopIntegration/invoices/{docEntry}"): API,
    ("GET", "/api/DesktopIntegration/invoices/by-docnum/{docNum}"): API,
    ("GET", "/api/DesktopIntegration/invoices/customer/{cardCode}"): API,
    ("GET", "/api/DesktopIntegration/invoices/date-range"): API,
    ("GET", "/api/DesktopIntegration/invoices/paged"): API,
    ("GET", "/api/DesktopIntegration/invoices/{docEntry}/pdf"): API,
    ("GET", "/api/DesktopIntegration/credit-notes/by-docnum/{docNum}"): API,
    ("POST", "/api/DesktopIntegration/sales-orders/convert-to-invoice"): API,
    ("POST", "/api/DesktopIntegration/fiscal-transactions"): API,
    ("GET", "/api/DesktopIntegration/fiscal-transactions"): API,
    ("POST", "/api/DesktopIntegration/fiscal-transactions/backfill"): "Admin Manager",
    ("GET", "/api/DesktopIntegration/reports/fiscalized-sales"): API,
    ("GET", "/api/DesktopIntegration/queue"): API,
    ("GET", "/api/DesktopIntegration/queue/review"): API,
    ("GET", "/api/DesktopIntegration/queue/stats"): API,
    ("GET", "/api/DesktopIntegration/queue/incidents"): API,
    ("POST", "/api/DesktopIntegration/queue/requeue"): API,
    ("GET", "/api/DesktopIntegration/queue/by-reservation/{reservationId}"): API,
    ("GET", "/api/DesktopIntegration/queue/{externalReference}"): API,
    ("DELETE", "/api/DesktopIntegration/queue/{externalReference}"): "Admin ApiUser Manager",
    ("POST", "/api/DesktopIntegration/queue/{externalReference}/retry"): API,
    ("POST", "/api/DesktopIntegration/queue/{externalReference}/posted"): "Admin ApiUser Manager",
    ("GET", "/api/IncomingPayment/queue/{externalReference}"): API,
    ("GET", "/api/RateLimit"): EDITS_USERS,
    ("GET", "/api/RateLimit/client/{clientId}"): EDITS_USERS,
    ("GET", "/api/RateLimit/current"): API,
    ("GET", "/api/RateLimit/check"): API,
    ("POST", "/api/RateLimit/block/{clientId}"): EDITS_USERS,
    ("POST", "/api/RateLimit/unblock/{clientId}"): EDITS_USERS,
    ("POST", "/api/RateLimit/reset/{clientId}"): EDITS_USERS,
    ("GET", "/api/RateLimit/blocked"): EDITS_USERS,
    ("GET", "/api/RateLimit/stats"): EDITS_USERS,
    ("GET", "/api/RateLimit/config"): EDITS_USERS,
    ("PUT", "/api/RateLimit/config"): EDITS_USERS,
    ("POST", "/api/RateLimit/cleanup"): EDITS_USERS,
    ("GET", "/api/revmax/card-details"): API,
    ("GET", "/api/revmax/day-status"): API,
    ("GET", "/api/revmax/license"): API,
    ("POST", "/api/revmax/license"): API,
    ("GET", "/api/revmax/z-report"): API,
    ("GET", "/api/revmax/invoices/{invoiceNumber}"): API,
    ("GET", "/api/revmax/unprocessed-invoices/summary"): API,
    ("POST", "/api/revmax/transact"): API,
    ("POST", "/api/revmax/transact-ext"): API,
    ("GET", "/api/Notification"): API,
    ("GET", "/api/Notification/unread-count"): API,
    ("POST", "/api/Notification/mark-read"): API,
    ("POST", "/api/Notification"): "Admin",
    ("DELETE", "/api/Notification/{id}"): API,
    ("POST", "/hubs/notifications/negotiate"): API,
    ("GET", "/api/sap-settings"): ADMIN_ONLY,
    ("PUT", "/api/sap-settings"): ADMIN_ONLY,
    ("POST", "/api/sap-settings/test-connection"): ADMIN_ONLY,
    ("GET", "/api/Backup"): "Admin ApiUser",
    ("POST", "/api/Backup"): "Admin ApiUser",
    ("GET", "/api/Backup/stats"): "Admin ApiUser",
    ("GET", "/api/Backup/capabilities"): "Admin ApiUser",
    ("POST", "/api/Backup/reset-database"): NOBODY,
    ("GET", "/api/Backup/{id}"): "Admin ApiUser",
    ("POST", "/api/Backup/{id}/restore"): "Admin ApiUser",
    ("GET", "/api/Backup/{id}/download"): "Admin ApiUser",
    ("DELETE", "/api/Backup/{id}"): "Admin ApiUser",
    ("GET", "/api/Webhook"): ADMIN_ONLY,
    ("POST", "/api/Webhook"): ADMIN_ONLY,
    ("GET", "/api/Webhook/event-types"): EVERYBODY,
    ("GET", "/api/Webhook/deliveries"): ADMIN_ONLY,
    ("GET", "/api/Webhook/{id}"): ADMIN_ONLY,
    ("PUT", "/api/Webhook/{id}"): ADMIN_ONLY,
    ("DELETE", "/api/Webhook/{id}"): ADMIN_ONLY,
    ("POST", "/api/Webhook/{id}/test"): ADMIN_ONLY,
    ("GET", "/sync/queue"): TILLS_OWN_KEYS,
    ("POST", "/sync/queue"): TILLS_OWN_KEYS,
    ("POST", "/sync/charges"): TILLS_OWN_KEYS,
    ("GET", "/sync/charges/{id}"): TILLS_OWN_KEYS,
    ("POST", "/sync/charges/leave"): TILLS_OWN_KEYS,
    ("GET", "/sync/feed"): TILLS_OWN_KEYS,
    ("POST", "/sync/envelopes"): TILLS_OWN_KEYS,
    ("GET", "/sync/receipts/{number}"): TILLS_OWN_KEYS,
    ("GET", "/sync/proof/{day}"): TILLS_OWN_KEYS,
}
BODIES = {"POST", "PUT", "PATCH"}
OWN = {("GET", "/docs"), ("GET", "/metrics"), ("GET", "/openapi.json")}


def routes(house: House) -> set[tuple[str, str]]:
    """Every route of the server as its own description and its router know it."""
    described = house.app.openapi()["paths"]
    return {(method.upper(), path) for path, methods in described.items() for method in methods}


def test_every_route_has_a_row(quick: House) -> None:
    assert routes(quick) == set(MATRIX)
    hidden = {
        (method, route.path)
        for route in quick.app.routes
        if isinstance(route, APIRoute) and not route.include_in_schema
        for method in route.methods or ()
    }
    assert hidden <= OWN


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Any) -> Any:
    """One server for the whole matrix; its limits are out of the way."""
    import shutil

    from pos_app.domain.rate_limit import Rule, Rules
    from pos_app.store.engine import open_store

    path = shutil.copy(sqlite_template, tmp_path_factory.mktemp("matrix") / "shop.db")
    roomy = Rules(Rule(10**6, 60), Rule(10**6, 60), Rule(10**6, 60))
    with open_store(path) as store:
        yield build(store, limits=roomy)


@pytest.fixture(scope="module")
def callers(shared: Server) -> dict[str, dict[str, str]]:
    """Credentials of each role, of a key of each role that has one, and of nobody."""
    tokens = {role: {"Authorization": f"Bearer {shared.token(role)}"} for role in ROLES}
    return tokens | {"": {}, "key": {"X-API-Key": shared.key()}}


@pytest.mark.parametrize("role", [*ROLES, "", "key"])
@pytest.mark.parametrize("route", sorted(MATRIX), ids=" ".join)
def test_each_role_on_each_route(
    shared: Server, callers: dict[str, dict[str, str]], route: tuple[str, str], role: str
) -> None:
    method, path = route
    if "/User" in path:  # nobody: the people of this matrix must stay what they are
        path = path.replace("{id}", "999999")
    for name, value in {"{id}": "1", "{docNum}": "1", "{docEntry}": "1"}.items():
        path = path.replace(name, value)
    path = path.replace("{invoiceDocEntry}", "1").replace("{cardCode}", "C0001")
    body = {"json": {}} if method in BODIES else {}
    answer = shared.client.request(method, path, headers=callers[role], **body)
    assert answer.status_code == expected(MATRIX[route], role, answer.status_code)
    if answer.status_code in {401, 403}:
        assert set(answer.json()) == {"error", "details", "code"}


def expected(row: str, role: str, got: int) -> int:
    """The status a role must meet: 401, 403, or whatever lies behind the door."""
    behind = got if got not in {401, 403} else 200
    if row == EVERYBODY:
        return got
    if not role:
        return 401
    if row == SIGNED_IN:
        return 401 if role == "key" else behind
    if role == "key":
        return behind if "ApiUser" in row.split() else 401 if row in {"Admin", OFFICE} else 403
    return behind if role in row.split() else 403


def turned_away(server: Server, key: str, methods: set[str]) -> dict[tuple[str, str], int]:
    """The routes that let a key in, and what they answered; nothing was done meanwhile."""
    before = trail(server)
    told = {}
    for number, (method, path) in enumerate(sorted(MATRIX)):
        if number % 50 == 0:
            server.fresh_limits()  # An Admin before may have set them.
        if MATRIX[method, path] == EVERYBODY or method not in methods:
            continue
        asked = re.sub(r"\{[^}]*\}", "1", path)
        body = {"json": {}} if method in BODIES else {}
        answer = server.client.request(method, asked, headers={"X-API-Key": key}, **body)
        if answer.status_code not in {401, 403}:
            told[method, path] = answer.status_code
    assert trail(server) == before
    return told


def trail(server: Server) -> int:
    with server.shop.store.read() as connection:
        return sum(1 for _ in audit.walk(connection))


def test_a_key_for_reading_gets_at_no_deed(shared: Server) -> None:
    """ASVS 5.0 8.2.1: by no route that is not a reading, whatever its user may."""
    for role in ("Admin", "ApiUser"):
        name = f"reads as {role}"
        reads = api_key.issue(
            shared.shop, actor("manager"), name_of(role), name, scope=KeyScope.READ
        ).key
        assert turned_away(shared, reads, {"POST", "PUT", "PATCH", "DELETE"}) == {}
        headers = {"X-API-Key": reads}
        refused = shared.client.post("/api/Invoice", json=invoice_body(), headers=headers)
        assert (refused.status_code, refused.json()["code"]) == (403, "key_reads_only")
        for path in ("/api/Product", "/api/Invoice", "/api/UserManagement/me"):
            assert shared.client.get(path, headers=headers).status_code == 200


def test_a_tills_key_gets_at_its_deliveries_alone(shared: Server) -> None:
    """ASVS 5.0 8.2.1."""
    every = {"GET", "POST", "PUT", "PATCH", "DELETE"}
    let_in = turned_away(shared, shared.till_key("T77"), every)
    assert {path for _, path in let_in} <= {path for _, path in MATRIX if "/sync/" in path}
    assert let_in
